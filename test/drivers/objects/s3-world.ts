import assert from "node:assert/strict";
import type { ObjectFolder } from "../../../src/drivers/repositories/objects.ts";
import type { Repository } from "../../../src/drivers/repositories/repository.ts";
import { s3 } from "../../../src/drivers/repositories/s3.ts";
import type { StorePorts } from "../../../src/drivers/stores/store.ts";
import { decoded } from "../../contracts/hook.ts";
import type { Ceph } from "../../servers/ceph.ts";
import { storePorts } from "../stores/opened.ts";

export interface Access {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

function optionsOf({ endpoint, accessKey, secretKey: secret }: Access) {
  return decoded(s3.options, { endpoint, accessKey, secret });
}

/** The objects of a path in the bucket called "bucket", as the configuration would have them. */
export function openedBucket(
  access: Access,
  path = "web",
  ports: StorePorts = storePorts(),
  bucket = "bucket",
): ObjectFolder {
  const folder = s3.objects?.(optionsOf(access), decoded(s3.artifact, { bucket, path }), ports);
  assert.ok(folder);
  return folder;
}

export function followedObject(ceph: Ceph, key: string, path = "web"): Repository {
  const artifact = s3.below(decoded(s3.artifact, { bucket: "bucket", path }), key);
  return s3.create(optionsOf(ceph), artifact, storePorts());
}
