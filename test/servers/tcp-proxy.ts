import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** "mute": what the server says is dropped. "cut": the connection is reset instead of the server's next words. */
export type TcpFault = "none" | "mute" | "cut";

export interface TcpProxy extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** For what the server says from now on, on all connections. */
  use(fault: TcpFault): void;
  /** What clients sent since the last call. */
  takeSent(): string;
}

/** Stands before a server that speaks no HTTP. */
export async function startTcpProxy(upstream: string): Promise<TcpProxy> {
  const [host = "", port = ""] = upstream.split(":");
  const sockets = new Set<Socket>();
  let fault: TcpFault = "none";
  let sent = "";
  const server = createServer((client) => {
    const behind = connect(Number(port), host);
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy()).on("close", () => other.destroy());
    }
    client.on("data", (bytes) => {
      sent += bytes.toString("latin1");
      behind.write(bytes);
    });
    behind.on("data", (bytes) => {
      if (fault === "none") client.write(bytes);
      if (fault === "cut") client.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    use(next) {
      fault = next;
    },
    takeSent() {
      const taken = sent;
      sent = "";
      return taken;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
