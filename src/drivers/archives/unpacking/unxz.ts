import xz from "xz-decompress";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import type { Source } from "./source.ts";

const largestWindow = 64 * 1024 * 1024;
/** Return values of XZ Embedded (xz.h); the library passes them on in the text of its error only. */
const reasons: Readonly<Record<string, string>> = {
  "5": "it is no xz data",
  "6": "it uses an option or a check that is not supported (use --check=crc64, the default)",
  "7": "its content does not match its checksum",
  "8": "it is cut off, or something follows its end",
};
const tooMuchMemory = "4";
const smallOutput = 1024 * 1024;

/** The bytes of an xz file (The .xz File Format 1.2). The library allocates no window above 64 MiB. */
export async function* unxz(source: Source): AsyncGenerator<Buffer> {
  const packed = new ReadableStream<Uint8Array>({
    pull(controller) {
      const bytes = source.read();
      if (bytes === undefined) controller.close();
      else controller.enqueue(Uint8Array.from(bytes));
    },
  });
  try {
    yield* gathered(new xz.XzReadableStream(packed));
  } catch (error) {
    throw asXzFailure(error);
  }
}

/** Joins the library's 64 KiB pieces, so that the reader is called less often. */
async function* gathered(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    parts.push(piece);
    size += piece.length;
    if (size < smallOutput) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  yield Buffer.concat(parts);
}

function asXzFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = /error code (\d+)$/.exec(message)?.[1];
  if (code === tooMuchMemory) return failure("archive-needs-memory", { format: "xz", allowed: largestWindow }, error);
  return failure("archive-corrupt", { format: "xz", reason: reasons[code ?? ""] ?? message }, error);
}
