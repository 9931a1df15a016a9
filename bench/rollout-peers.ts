import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Downs } from "./hand-over.ts";

/** What a fleet goes through, whoever lets its hosts take turns. */
export interface Course {
  readonly hosts: number;
  readonly limit: number;
  /** What a simulated service needs from its stop to its proof, in milliseconds. */
  readonly downtime: number;
}

export type Peer = (endpoints: readonly string[], course: Course, folder: string) => Promise<Downs>;

const consulProgram = join(
  process.env["DROPSHIP_TEST_CACHE"] ?? join(import.meta.dirname, "../.cache/servers"),
  "consul/root/usr/bin/consul",
);

/**
 * Consul's own tool: `consul lock`, with one holder its lock, with more its semaphore. One process for each host, which starts
 * the service's script once it holds. A service is down from the script's first to its last line.
 */
export async function consulLock(endpoints: readonly string[], course: Course, folder: string): Promise<Downs> {
  const script = join(folder, "service.sh");
  writeFileSync(script, `echo $EPOCHREALTIME; sleep ${course.downtime / 1000}; echo $EPOCHREALTIME\n`);
  const stamps = await Promise.all(
    Array.from({ length: course.hosts }, async (_, host) => {
      const at = `-http-addr=${endpoints[host % endpoints.length]}`;
      const words = ["lock", at, `-n=${course.limit}`, "-shell=false", "bench/lock", "bash", script];
      const child = spawn(consulProgram, words, { stdio: ["ignore", "pipe", "inherit"] });
      const written = await text(child.stdout);
      return written
        .trim()
        .split("\n")
        .map((stamp) => Number(stamp) * 1000);
    }),
  );
  return { begins: stamps.map(([begin]) => begin ?? Number.NaN), ends: stamps.map(([, end]) => end ?? Number.NaN) };
}

/** etcd's own lock service (`/v3/lock/lock`), which lets those who wait come one after another. It knows no limit but one. */
export async function etcdLock(endpoints: readonly string[], { hosts, downtime }: Course): Promise<Downs> {
  const call = async (path: string, body: unknown) => {
    const signal = AbortSignal.timeout(600_000);
    const answer = await fetch(`${endpoints[0]}/v3/${path}`, { method: "POST", body: JSON.stringify(body), signal });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { readonly ID?: string; readonly key?: string };
  };
  const begins: number[] = [];
  const ends: number[] = [];
  const name = Buffer.from("bench/lock").toString("base64");
  await Promise.all(
    Array.from({ length: hosts }, async () => {
      const { ID: lease } = await call("lease/grant", { TTL: "600" });
      const { key } = await call("lock/lock", { name, lease });
      begins.push(performance.now());
      await sleep(downtime);
      ends.push(performance.now());
      await call("lock/unlock", { key });
    }),
  );
  return { begins, ends };
}
