import { connect as open } from "node:net";

/**
 * Opens a TCP connection and closes it again; all addresses of a name are tried (RFC 8305). Rejects with the system's error
 * (`code` "ECONNREFUSED", "ENOTFOUND", …), or with the signal's reason when it aborts first.
 */
export async function connect(host: string, port: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = open({ host, port });
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  socket.once("connect", resolve);
  socket.on("error", reject);
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", stop);
    socket.destroy();
  }
}
