import { failure } from "../../domain/failures/failure.ts";
import type { Marker } from "../../domain/release.ts";
import type { Bytes } from "../../domain/size.ts";
import type { Repository } from "../../drivers/repositories/repository.ts";

/** The bytes of a document, of which nothing is known yet: never more than `limit` of them. */
export async function readDocument(
  object: Repository,
  marker: Marker,
  limit: Bytes,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { artifact } = object;
  const refuseAbove = (length: Bytes) => {
    if (length > limit) throw failure("document-too-large", { object: artifact, limit });
  };
  refuseAbove(marker.size ?? 0);
  const body = await object.open(marker, 0, signal);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body.chunks) {
    length += part.length;
    refuseAbove(Math.max(length, body.total ?? 0));
    parts.push(part);
  }
  if (body.total === undefined || length === body.total) return joined(parts, length);
  throw failure("connection-cut", { address: artifact, got: length, expected: ` of ${body.total}` });
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
