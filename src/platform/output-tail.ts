/** The last bytes of an output that may be endless: memory stays at `limit`, whatever comes. */
export interface OutputTail {
  add(chunk: Uint8Array): void;
  /** What is kept, as text: bytes that are no UTF-8 become U+FFFD, a character cut in two by the limit is left out. */
  text(): string;
  /** Bytes that came and are not kept. */
  dropped(): number;
}

export function outputTail(limit: number): OutputTail {
  const ring = Buffer.alloc(Math.max(1, limit));
  let end = 0;
  let total = 0;
  const kept = () => Math.min(total, limit);
  return {
    add(chunk) {
      total += chunk.length;
      const last = chunk.subarray(Math.max(0, chunk.length - limit));
      const first = last.subarray(0, ring.length - end);
      ring.set(first, end);
      ring.set(last.subarray(first.length), 0);
      end = (end + last.length) % ring.length;
    },
    text() {
      const whole =
        total <= limit ? ring.subarray(0, total) : Buffer.concat([ring.subarray(end), ring.subarray(0, end)]);
      return whole.subarray(total > limit ? brokenStart(whole) : 0, kept()).toString("utf8");
    },
    dropped: () => total - kept(),
  };
}

/** The number of bytes at the start that are the rest of a character (RFC 3629: 10xxxxxx, at most three). */
function brokenStart(bytes: Uint8Array): number {
  let count = 0;
  while (count < 3 && ((bytes[count] ?? 0) & 0xc0) === 0x80) count += 1;
  return count;
}
