import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { file } from "../../../src/drivers/repositories/file.ts";
import type { Store, StorePorts } from "../../../src/drivers/stores/store.ts";
import { files } from "../../../src/platform/files.ts";
import type { Files } from "../../../src/platform/ports.ts";
import { decoded } from "../../contracts/hook.ts";
import { impatientClock, storePorts } from "./opened.ts";

/** The store beside an artifact that is a file, as the configuration makes it. */
export function beside(path: string, ports: StorePorts = storePorts()): Store {
  const store = file.store?.({}, decoded(file.artifact, { path }), ports);
  assert.ok(store);
  return store;
}

/** A store whose file system does some things in its own way; `patience`: the longest that it is waited for. */
export function strange(artifact: string, changes: Partial<Files>, patience = 10_000): Store {
  return beside(artifact, storePorts({ clock: impatientClock(patience), files: { ...files, ...changes } }));
}

export function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: a test says so`), { code });
}

export const key = "web/default/record";

/** An artifact's path in a folder of its own; where hosts meet beside it; and where the record lies there. */
export async function place(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "dropship-meeting-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const artifact = join(folder, "web.tar.gz");
  const meeting = `${artifact}.rollout`;
  return { folder, artifact, meeting, record: join(meeting, "web/default/record=") };
}
