import { spawnSync } from "node:child_process";
import type { Place } from "../servers/server.ts";
import { namespaceLines } from "./namespace-lines.ts";
import { relayLines } from "./relay-lines.ts";

/** How the hosts of a fleet reach their servers: each by a line of its own, which can be cut. */
export interface Lines extends AsyncDisposable {
  /** For people: what the lines are made of. */
  readonly kind: string;
  /** Where the servers are to listen. */
  readonly place: Place;
  /** What runs the agent of this host. */
  wrapper(host: number): readonly string[];
  /** Where this host finds what listens at `address` (without a scheme). */
  reach(host: number, address: string): Promise<string>;
  /** Nothing comes through any more, and nobody is told: connections hang. */
  cut(host: number): Promise<void>;
  /** What the host says still arrives; what it is answered does not. */
  deafen(host: number): Promise<void>;
  heal(host: number): Promise<void>;
}

/** A network namespace for each host where the machine lets us make them, else a relay for each. DROPSHIP_TEST_LINES=relay: always that. */
export async function startLines(hosts: number): Promise<Lines> {
  const forced = process.env["DROPSHIP_TEST_LINES"] === "relay";
  const able =
    !forced && spawnSync("unshare", ["--net", "ip", "link", "add", "dropship", "type", "bridge"]).status === 0;
  return able ? await namespaceLines(hosts) : relayLines();
}
