import { constants, fstatSync, openSync, writeSync } from "node:fs";
import { Socket } from "node:net";

/** Takes bytes without ever waiting: how many it took, 0 when it is full just now. Throws when it is broken. */
export type LogSink = (bytes: Uint8Array) => number;

/** Keeps what must not be collected while its descriptor is in use. */
const opened = new Set<unknown>();

/**
 * A sink that writes to a descriptor and never blocks, whatever is at its other end: a full pipe, a stopped terminal, a
 * journal that hangs.
 */
export function descriptorSink(descriptor: number): LogSink {
  const own = unblocked(descriptor);
  return (bytes) => {
    try {
      return writeSync(own, bytes);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      throw thrown;
    }
  };
}

function unblocked(descriptor: number): number {
  const facts = fstatSync(descriptor);
  if (facts.isSocket()) {
    // A socket cannot be opened anew; wrapping it makes it non-blocking. Nothing is ever read or written through the wrapper.
    opened.add(new Socket({ fd: descriptor, readable: false, writable: true }).unref());
    return descriptor;
  }
  if (!facts.isFIFO() && !facts.isCharacterDevice()) return descriptor;
  try {
    // Opened anew, so that the flag is ours alone: those who share the descriptor go on as before.
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // Another user's terminal or pipe, or no /proc.
    return descriptor;
  }
}
