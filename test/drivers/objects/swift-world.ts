import assert from "node:assert/strict";
import type { ObjectFolder } from "../../../src/drivers/repositories/objects.ts";
import type { Repository } from "../../../src/drivers/repositories/repository.ts";
import { swift } from "../../../src/drivers/repositories/swift.ts";
import type { StorePorts } from "../../../src/drivers/stores/store.ts";
import { decoded } from "../../contracts/hook.ts";
import { storePorts } from "../stores/opened.ts";

export interface Login {
  readonly authUrl: string;
  readonly user: string;
  readonly key: string;
}

function optionsOf({ authUrl, user, key }: Login) {
  return decoded(swift.options, { authUrl, user, key, insecure: true });
}

/** The objects of a path in the container called "box", as the configuration would have them. */
export function openedContainer(
  login: Login,
  path = "web",
  ports: StorePorts = storePorts(),
  bucket = "box",
): ObjectFolder {
  const folder = swift.objects?.(optionsOf(login), decoded(swift.artifact, { bucket, path }), ports);
  assert.ok(folder);
  return folder;
}

export function followedIn(login: Login, key: string, path = "web"): Repository {
  return swift.create(optionsOf(login), swift.below({ bucket: "box", path }, key), storePorts());
}
