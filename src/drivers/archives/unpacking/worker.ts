import { parentPort, workerData } from "node:worker_threads";
import { asFailure, type FailureNote } from "../../../domain/failures/failure.ts";
import type { Unpacked, UnpackRequest } from "../archive.ts";
import { unpackHere } from "./unpack-here.ts";

/** What the thread tells its starter. */
export type WorkerMessage =
  | { readonly kind: "progress"; readonly bytes: number }
  | { readonly kind: "done"; readonly unpacked: Unpacked }
  | { readonly kind: "failed"; readonly note: FailureNote };

const tell = (message: WorkerMessage) => parentPort?.postMessage(message);

try {
  const unpacked = await unpackHere(workerData as UnpackRequest, (bytes) => tell({ kind: "progress", bytes }));
  tell({ kind: "done", unpacked });
} catch (error) {
  tell({ kind: "failed", note: asFailure(error).note });
}
