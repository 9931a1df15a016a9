import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { consul } from "../../src/drivers/stores/consul.ts";
import { etcd } from "../../src/drivers/stores/etcd.ts";
import { redis } from "../../src/drivers/stores/redis.ts";
import { until } from "../agent/fixture.ts";
import { beside } from "../drivers/stores/beside.ts";
import { administer, besideObject } from "../drivers/stores/buckets.ts";
import { opened } from "../drivers/stores/opened.ts";
import { startCeph } from "../servers/ceph.ts";
import { startConsul, startConsulCluster } from "../servers/consul.ts";
import { startEtcdCluster } from "../servers/etcd.ts";
import { type Redis, type SentinelRedis, startRedis, startSentinelRedis } from "../servers/redis.ts";
import type { Server } from "../servers/server.ts";
import { publishFile } from "./artifact-file.ts";
import type { FleetStore } from "./fleet.ts";
import { type Lines, startLines } from "./lines.ts";

/** Three Consul servers; each host talks to one of them. */
export async function consulFleetStore(hosts: number): Promise<FleetStore> {
  const lines = await startLines(hosts);
  const cluster = await startConsulCluster(lines.place);
  const addresses = await linesTo(hosts, (host) => [cluster.endpoints[host % 3]], lines);
  return fleetStore(lines, cluster, {
    main: (host) => `lock "consul" { address = "${addresses[host]?.[0]}" }`,
    store: opened(consul, { address: cluster.endpoints[0] }),
    strikes: { "leader killed": () => killLeader("consul", cluster) },
  });
}

/** One agent of Consul, to which every host has an open way. */
export async function oneConsulFleetStore(): Promise<FleetStore> {
  const server = await startConsul();
  return fleetStore(undefined, server, {
    main: () => `lock "consul" { address = "${server.endpoint}" }`,
    store: opened(consul, { address: server.endpoint }),
    strikes: {},
  });
}

/** Three members; each host knows all of them, and asks another one first. */
export async function etcdFleetStore(hosts: number): Promise<FleetStore> {
  const lines = await startLines(hosts);
  const cluster = await startEtcdCluster(lines.place);
  const turned = (host: number) => cluster.endpoints.map((_, at) => cluster.endpoints[(host + at) % 3]);
  const addresses = await linesTo(hosts, turned, lines);
  const quoted = (host: number) => addresses[host]?.map((address) => `"http://${address}"`).join(", ");
  return fleetStore(lines, cluster, {
    main: (host) => `lock "etcd" { endpoints = [${quoted(host)}] }`,
    store: opened(etcd, { endpoints: cluster.endpoints }),
    strikes: { "leader killed": () => killLeader("etcd", cluster) },
  });
}

/** One server that keeps nothing on disk. */
export async function redisFleetStore(hosts: number): Promise<FleetStore & { readonly server: Redis }> {
  const lines = await startLines(hosts);
  const server = await startRedis(lines.place);
  const addresses = await linesTo(hosts, () => [server.address], lines);
  const store = fleetStore(lines, server, {
    main: (host) => `lock "redis" {\n  safety = "best-effort"\n  address = "${addresses[host]?.[0]}"\n}`,
    store: opened(redis, { safety: "best-effort", address: server.address }),
    strikes: { "server frozen": () => freeze(server) },
  });
  return { ...store, server };
}

/** A master, its replica and three sentinels; a host follows what the sentinels say, so that relays do not reach far. */
export async function sentinelFleetStore(hosts: number): Promise<FleetStore> {
  const lines = await startLines(hosts);
  const server = await startSentinelRedis(lines.place);
  const { sentinels } = server;
  const quoted = sentinels.map((one) => `"${one}"`).join(", ");
  const words = `safety = "best-effort"\n  sentinels = [${quoted}]\n  master = "m"`;
  return fleetStore(lines, server, {
    main: () => `lock "redis" {\n  ${words}\n}`,
    store: opened(redis, { safety: "best-effort", sentinels, master: "m" }),
    strikes: { "master killed": () => failOver(server) },
  });
}

/** A folder beside the artifact, on the machine that all hosts share. */
export async function folderFleetStore(): Promise<FleetStore> {
  const folder = mkdtempSync(join(tmpdir(), "dropship-fleet-"));
  const path = join(folder, "web.tar.gz");
  return {
    main: () => "",
    artifact: `artifact "file" {\n    path = "${path}"`,
    publish: async (content) => publishFile(path, content),
    store: beside(path),
    strikes: {},
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }),
  };
}

/** The bucket that holds the artifact. */
export async function bucketFleetStore(hosts: number): Promise<FleetStore> {
  const lines = await startLines(hosts);
  const ceph = await startCeph({ version: "20", ...lines.place });
  const { endpoint, accessKey, secretKey } = ceph;
  const addresses = await linesTo(hosts, () => [endpoint], lines);
  await administer(endpoint, ceph, "PUT", "/bucket");
  const keys = `accessKey = "${accessKey}"\n  secret = "${secretKey}"`;
  const store = fleetStore(lines, ceph, {
    main: (host) => `repo "s3" {\n  endpoint = "http://${addresses[host]?.[0]}"\n  ${keys}\n}`,
    store: besideObject(endpoint, ceph),
    strikes: { "store frozen": () => freeze(ceph, "osd") },
  });
  return {
    ...store,
    artifact: 'artifact "s3" {\n    bucket = "bucket"\n    path = "web/web.tar.gz"',
    async publish(content) {
      const file = join(ceph.directory, "web.tar.gz");
      publishFile(file, content);
      await administer(endpoint, ceph, "PUT", "/bucket/web/web.tar.gz", {}, readFileSync(file));
    },
  };
}

type Particular = Pick<FleetStore, "main" | "store" | "strikes">;

/** With the artifact on the machine's own disk: it is there whatever happens to the store. */
function fleetStore(lines: Lines | undefined, server: Server, particular: Particular): FleetStore {
  const folder = mkdtempSync(join(tmpdir(), "dropship-fleet-"));
  const path = join(folder, "web.tar.gz");
  return {
    ...particular,
    ...(lines && { lines }),
    artifact: `artifact "file" {\n    path = "${path}"`,
    publish: async (content) => publishFile(path, content),
    async [Symbol.asyncDispose]() {
      particular.store.close();
      await server.stop();
      await lines?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Where each host finds its servers. */
function linesTo(
  hosts: number,
  servers: (host: number) => readonly (string | undefined)[],
  lines: Lines,
): Promise<readonly (readonly string[])[]> {
  const authority = (server = "") => server.replace(/^\w+:\/\//, "");
  const each = Array.from({ length: hosts }, (_, host) =>
    Promise.all(servers(host).map((server) => lines.reach(host, authority(server)))),
  );
  return Promise.all(each);
}

interface Cluster extends Server {
  leader(): Promise<number>;
}

/** The others have chosen another one before it is back. */
async function killLeader(name: string, cluster: Cluster): Promise<void> {
  const leader = `${name}${await leaderOf(cluster)}`;
  process.kill(cluster.processes.get(leader) ?? 0, "SIGKILL");
  await setTimeout(4000);
  await cluster.restart(leader);
  await leaderOf(cluster);
}

/** There may be none for a while: all of them compete with ten agents for a processor. */
function leaderOf(cluster: Cluster): Promise<number> {
  return until("there is a leader", async () => {
    const at = await cluster.leader().catch(() => -1);
    return at >= 0 && at;
  });
}

/** The replica takes over, and the old master comes back as its replica. */
async function failOver(servers: SentinelRedis): Promise<void> {
  const before = await masterOf(servers);
  const gone = before === servers.address ? "redis0" : "redis1";
  process.kill(servers.processes.get(gone) ?? 0, "SIGKILL");
  const master = await until("the sentinels name another master", async () => {
    const now = await masterOf(servers);
    return now !== before && now;
  });
  await servers.restart(gone);
  await until("the old master follows the new one", async () => {
    await ask(before, "replicaof", ...master.split(":")).catch(() => undefined);
    return (await ask(before, "info", "replication").catch(() => "")).includes("master_link_status:up");
  });
}

async function masterOf({ sentinels }: SentinelRedis): Promise<string> {
  const answer = await ask(sentinels[0] ?? "", "sentinel", "get-master-addr-by-name", "m");
  return answer.trim().split("\n").join(":");
}

async function ask(address: string, ...words: string[]): Promise<string> {
  const [host = "", port = ""] = address.split(":");
  return (await promisify(execFile)("redis-cli", ["-h", host, "-p", port, ...words])).stdout;
}

/** Connections stand, and nothing is answered. */
async function freeze(server: Server, ...processes: string[]): Promise<void> {
  server.pause(...processes);
  await setTimeout(4000);
  server.resume(...processes);
}
