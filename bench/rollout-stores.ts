import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Schema } from "../src/domain/options.ts";
import { consul } from "../src/drivers/stores/consul.ts";
import { etcd } from "../src/drivers/stores/etcd.ts";
import { redis } from "../src/drivers/stores/redis.ts";
import type { Store, StoreDefinition, StorePorts } from "../src/drivers/stores/store.ts";
import { decoded } from "../test/contracts/hook.ts";
import { beside } from "../test/drivers/stores/beside.ts";
import { administer, besideObject } from "../test/drivers/stores/buckets.ts";
import { startCeph } from "../test/servers/ceph.ts";
import { startConsulCluster } from "../test/servers/consul.ts";
import { startEtcdCluster } from "../test/servers/etcd.ts";
import { startRedis } from "../test/servers/redis.ts";
import { consulLock, etcdLock, type Peer } from "./rollout-peers.ts";

/** A place where hosts can meet, running. */
export interface RunningStore extends AsyncDisposable {
  /** The store as host number `host` has it, over connections of its own. */
  open(host: number, ports: StorePorts): Store;
  /** The servers, for those who go another way. */
  readonly endpoints: readonly string[];
}

export interface BenchStore {
  readonly label: string;
  start(folder: string): Promise<RunningStore>;
  /** What comes with the store itself for the same purpose, and for how many holders at most. */
  readonly peer?: { readonly label: string; readonly limit: number; readonly take: Peer };
}

/** Real servers of the tests: clusters where the store has them. */
export const benchStores: readonly BenchStore[] = [
  {
    label: "Consul, 3 servers",
    async start() {
      const server = await startConsulCluster();
      // A host asks the agent beside it: the hosts are spread over the servers.
      return running(server, server.endpoints, (host, ports) =>
        made(consul, { address: server.endpoints[host % server.endpoints.length] }, ports),
      );
    },
    peer: { label: "`consul lock`", limit: Number.POSITIVE_INFINITY, take: consulLock },
  },
  {
    label: "etcd, 3 members",
    async start() {
      const server = await startEtcdCluster();
      return running(server, server.endpoints, (_host, ports) => made(etcd, { endpoints: server.endpoints }, ports));
    },
    peer: { label: "etcd's lock service", limit: 1, take: etcdLock },
  },
  {
    label: "Redis",
    async start() {
      const server = await startRedis();
      return running(server, [server.address], (_host, ports) =>
        made(redis, { safety: "best-effort", address: server.address }, ports),
      );
    },
  },
  {
    label: "a folder, looked at every 20 ms to 1 s",
    async start(folder) {
      const place = await mkdtemp(join(folder, "meeting-"));
      const none = { stop: () => Promise.resolve() };
      return running(none, [], (_host, ports) => beside(join(place, "web.tar.gz"), ports));
    },
  },
  {
    label: "S3 (Ceph 20), asked every 2 s",
    async start() {
      const server = await startCeph({ version: "20" });
      await administer(server.endpoint, server, "PUT", "/bucket");
      return running(server, [server.endpoint], (_host, ports) => besideObject(server.endpoint, server, {}, ports));
    },
  },
];

function running(
  server: { stop(): Promise<void> },
  endpoints: readonly string[],
  open: RunningStore["open"],
): RunningStore {
  return { open, endpoints, [Symbol.asyncDispose]: () => server.stop() };
}

function made<Options extends Schema>(
  definition: StoreDefinition<Options>,
  written: Record<string, unknown>,
  ports: StorePorts,
): Store {
  return definition.create(decoded(definition.options, written), ports);
}
