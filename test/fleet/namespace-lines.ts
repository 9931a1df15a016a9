import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startScript } from "../servers/server.ts";
import type { Lines } from "./lines.ts";

const run = promisify(execFile);
/** Of nobody: what is sent there is lost. */
const nowhere = "02:00:00:00:00:00";

/** A network namespace for each host, joined by a cable to the bridge at which the servers listen. What hangs while the cable is pulled goes on when it is back: late, as in a real network. */
export async function namespaceLines(hosts: number): Promise<Lines> {
  const { server, value } = await startScript("network", String(hosts));
  const cable = (host: number) => value(`CABLE${host + 1}`);
  const address = (host: number) => value(`HOST${host + 1}`);
  const ip = async (...words: string[]) => void (await run("ip", words));
  const bridge = value("BRIDGE");
  const deaf = new Set<number>();
  return {
    kind: "network namespaces",
    place: { address: value("SERVERS") },
    wrapper: (host) => ["nsenter", "--target", String(server.processes.get(`host${host + 1}`)), "--net", "--"],
    reach: async (_host, at) => at,
    cut: (host) => ip("link", "set", cable(host), "down"),
    async deafen(host) {
      deaf.add(host);
      await ip("neigh", "replace", address(host), "lladdr", nowhere, "dev", bridge, "nud", "permanent");
    },
    async heal(host) {
      await ip("link", "set", cable(host), "up");
      if (deaf.delete(host)) await ip("neigh", "del", address(host), "dev", bridge);
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
