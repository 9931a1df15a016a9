import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { failure } from "../../domain/failures/failure.ts";
import type { PrepareRequest } from "./artifact.ts";
import type { ScratchFile } from "./scratch-file.ts";
import { sourceFailure } from "./source-failure.ts";
import { stampOf } from "./tree-entry.ts";

const chunkSize = 1024 * 1024;
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Copies a file as it is: what is measured and judged must be what is published, whoever writes to the file later. */
export async function copySource(file: string, into: ScratchFile, request: PrepareRequest): Promise<void> {
  const { source, signal, onProgress } = request;
  const reading = <Value>(act: Promise<Value>) =>
    act.catch((error: unknown) => {
      throw sourceFailure(source, error);
    });
  await using handle = await reading(open(file, flags));
  const before = await reading(handle.stat({ bigint: true }));
  const total = Number(before.size);
  let done = 0;
  const buffer = Buffer.allocUnsafeSlow(chunkSize);
  // Not to its end, which may never come: somebody may be writing there.
  while (done <= total) {
    signal.throwIfAborted();
    const { bytesRead } = await reading(handle.read(buffer, 0, chunkSize, done));
    if (bytesRead === 0) break;
    await into.write(buffer.subarray(0, bytesRead));
    done += bytesRead;
    onProgress({ step: "packing", done, total });
  }
  const after = await reading(handle.stat({ bigint: true }));
  if (done === total && stampOf(before) === stampOf(after)) return;
  throw failure("source-changed", { path: source, change: "changed" });
}
