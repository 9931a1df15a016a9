import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import type { Unpack, Unpacked, UnpackRequest } from "../archive.ts";
import { bringToDisk } from "./bring-to-disk.ts";
import type { WorkerMessage } from "./worker.ts";

/** The heap of the thread; buffers and decompressors live outside it and are bounded on their own. */
const heapLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 4 };

/**
 * Unpacks in a worker thread of its own. Rejects with an "archive-…" failure, or with the signal's reason; by then the
 * thread has ended and nothing more is written.
 */
export const unpack: Unpack = async (request, signal, onProgress) => {
  signal.throwIfAborted();
  const over = new AbortController();
  const disk = request.sync ? bringToDisk(request.folder, AbortSignal.any([signal, over.signal])) : undefined;
  try {
    const unpacked = await unpackInWorker(request, signal, (bytes) => {
      disk?.more();
      onProgress(bytes);
    });
    await disk?.finish();
    return unpacked;
  } finally {
    over.abort();
  }
};

const unpackInWorker: Unpack = async (request, signal, onProgress) => {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: request satisfies UnpackRequest,
    resourceLimits: heapLimits,
    env: environment(),
    name: "unpack",
  });
  try {
    return await outcome(worker, signal, onProgress);
  } finally {
    await worker.terminate();
  }
};

/**
 * Nothing of the agent's own, but its compile cache: without that, each thread would take the types out of its source again,
 * which costs 70 ms and 20 MB.
 */
function environment(): Record<string, string> {
  // It names the folder of this version of Node, below the one that is asked for.
  const cache = getCompileCacheDir();
  return cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) };
}

function outcome(worker: Worker, signal: AbortSignal, onProgress: (bytes: number) => void): Promise<Unpacked> {
  const { promise, resolve, reject } = Promise.withResolvers<Unpacked>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  worker.on("message", (message: WorkerMessage) => {
    if (message.kind === "progress") onProgress(message.bytes);
    else if (message.kind === "done") resolve(message.unpacked);
    else reject(new Failure(message.note.code, message.note.sentence, message.note.remedy));
  });
  worker.on("error", (error: Error) => reject(failure("archive-unpacker-died", { reason: error.message }, error)));
  worker.on("exit", (code) => reject(failure("archive-unpacker-died", { reason: `it exited with ${code}` })));
  return promise.finally(() => signal.removeEventListener("abort", stop));
}
