import { connect, createServer, type Server, type Socket } from "node:net";
import type { Lines } from "./lines.ts";

type State = "whole" | "cut" | "deaf";

/** One host's way to one server: a relay on loopback. */
interface Relay {
  readonly port: number;
  become(state: State): void;
  close(): Promise<void>;
}

/** A relay on loopback for each host and server, for machines on which no network can be made. What hung while it was cut is reset. */
export function relayLines(): Lines {
  const relays = new Map<number, Relay[]>();
  const become = async (host: number, state: State) => {
    for (const relay of relays.get(host) ?? []) relay.become(state);
  };
  return {
    kind: "relays",
    place: {},
    wrapper: () => [],
    async reach(host, address) {
      const relay = await startRelay(address);
      relays.set(host, [...(relays.get(host) ?? []), relay]);
      return `127.0.0.1:${relay.port}`;
    },
    cut: (host) => become(host, "cut"),
    deafen: (host) => become(host, "deaf"),
    heal: (host) => become(host, "whole"),
    async [Symbol.asyncDispose]() {
      await Promise.all([...relays.values()].flat().map((relay) => relay.close()));
    },
  };
}

async function startRelay(address: string): Promise<Relay> {
  const [host = "", port = ""] = address.split(":");
  const sockets = new Set<Socket>();
  let state: State = "whole";
  const track = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    track(client, upstream);
    track(upstream, client);
    // What comes while the line is cut goes nowhere, and whoever sent it hangs.
    client.on("data", (bytes) => state !== "cut" && upstream.write(bytes));
    upstream.on("data", (bytes) => state === "whole" && client.write(bytes));
  });
  return {
    port: await listen(server),
    become(next) {
      state = next;
      if (next === "whole") for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("no port"));
    });
  });
}
