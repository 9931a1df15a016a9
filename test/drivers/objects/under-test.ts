import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { ObjectFolder, UploadContent } from "../../../src/drivers/repositories/objects.ts";
import type { Repository } from "../../../src/drivers/repositories/repository.ts";
import { systemRandom } from "../../../src/platform/random.ts";
import { soon } from "../stores/opened.ts";

/** One kind of folder, with a real store behind it. */
export interface ObjectFolderUnderTest extends AsyncDisposable {
  /** A folder of that name, "web" or what a test needs; opened anew, as another process would. */
  folder(name?: string): ObjectFolder;
  /** What an agent has that follows the object at that key. */
  repository(key: string, name?: string): Repository;
  /** Lengths of uploads that take every way there is. */
  readonly lengths: readonly number[];
}

/** A file on the disk, as packing leaves it. */
export async function contentOf(folder: string, content: Uint8Array): Promise<UploadContent> {
  const file = join(folder, systemRandom.name());
  await writeFile(file, content);
  return {
    file,
    length: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
    md5: createHash("md5").update(content).digest("hex"),
    contentType: "application/gzip",
  };
}

export async function fetched(repository: Repository): Promise<Uint8Array> {
  const answer = await repository.check(undefined, soon());
  assert.ok(answer.outcome === "found");
  return buffer((await repository.open(answer.marker, 0, soon())).chunks);
}

export const nobodyCares = () => undefined;
