import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { ServiceStatus } from "../../src/agent/operations.ts";
import { createHost, type Host, type RunningAgent, service, until } from "../agent/fixture.ts";

/** What was published: its version is the number of its upload. */
export interface Published {
  readonly version: string;
  readonly good: boolean;
  /** Of the whole tree, as `treeHash` makes it. */
  readonly hash: string;
}

/** A host with one real web service that an agent keeps up to date. */
export interface SoakHost extends Host {
  publish(good: boolean): Published;
  /** Fails, naming the promise, unless what stands, what answers and what the agent says are one. */
  inspect(agent: RunningAgent): Promise<void>;
  stopService(): void;
}

export async function createSoakHost(): Promise<SoakHost> {
  const host = createHost();
  const port = await freePort();
  const published = new Map<string, Published>();
  writeScripts(host, port);
  host.configure(service(host, "web", blocks(host, port)));

  return {
    ...host,
    publish(good) {
      const version = String(published.size + 1);
      const files = filesOf(version, good);
      const entry = { version, good, hash: treeHash(Object.entries(files)) };
      published.set(version, entry);
      host.upload("web", files);
      return entry;
    },
    async inspect(agent) {
      const status = await settle(agent);
      const standing = standingTree(host);
      const release = published.get(String(standing.version));

      assert.ok(release, "the destination holds a release that was published");
      assert.equal(standing.hash, release.hash, "the destination is one whole release");
      assert.equal(status.broken, false, `the service is not broken: ${status.lastUpdate?.failure?.sentence}`);
      assert.ok(release.good, `the release at the destination, ${release.version}, is a good one`);
      assert.equal(await answer(port), release.version, "the service answers with what stands at the destination");
      assert.equal(status.running?.id, standing.id, "status says what stands at the destination");
      assert.equal(status.health, "healthy", "status says that it is healthy");
      await inspectHistory(agent, status);
      assert.deepEqual(leftovers(host), [], "nothing is left over on disk");
      const strangers = await until("hooks of killed agents end", () => {
        const found = processesOf(host).filter(
          (line) => !line.includes("agent-entry") && !line.includes("soak-service"),
        );
        return found.length === 0 ? "none" : undefined;
      }).catch(() => processesOf(host).join("\n"));
      assert.equal(strangers, "none", "no process of a hook is left");
      assert.equal(processesOf(host).filter((line) => line.includes("soak-service")).length, 1, "one service runs");
    },
    stopService() {
      for (const { pid, line } of allProcesses()) {
        if (line.includes("soak-service") && line.includes(` ${port} `)) process.kill(pid, "SIGKILL");
      }
    },
  };
}

/** Asks for updates until there is nothing left to do, as a person would. */
async function settle({ operations }: RunningAgent): Promise<ServiceStatus> {
  await until("nothing is left to do", async () => {
    const [result] = await operations.update("web", () => undefined);
    return result?.outcome === "up-to-date" || result?.outcome === "refused";
  });
  const [status] = await operations.status("web");
  assert.ok(status);
  assert.equal(status.state, "idle");
  return status;
}

async function inspectHistory({ operations }: RunningAgent, status: ServiceStatus): Promise<void> {
  const history = await operations.history("web", 100);
  const last = history.find(({ outcome }) => outcome === "updated" || outcome === "rolled-back");
  assert.ok(last, "the history tells how the release came here");
  const running = last.outcome === "updated" ? last.target : last.previous;
  assert.equal(running?.id, status.running?.id, "the history's last word is what runs");
  for (const attempt of history) {
    if (attempt.outcome === "updated") assert.equal(attempt.failure, undefined, "a success tells of no failure");
    else if (attempt.outcome === "rolled-back") assert.ok(attempt.failure, "a rollback has its reason");
  }
}

function blocks(host: Host, port: number): string {
  return `
  before "script" { command = "bash ${host.path("stop.sh")}" }
  after "script" { command = "bash ${host.path("start.sh")}" }
  health "http" {
    url = "http://127.0.0.1:${port}/"
    interval = "40ms"
    timeout = "3s"
    deadline = "6s"
    passes = 2
  }`;
}

/** Under one lock, as a service manager does it: a hook may run while one of a killed agent has not ended yet. */
function writeScripts(host: Host, port: number): void {
  const pid = host.path("service.pid");
  const stop = `
    if [ -e ${pid} ]; then
      kill -9 "$(cat ${pid})" 2>/dev/null
      while grep -qs '^State:.[^Z]' "/proc/$(cat ${pid})/status"; do sleep 0.01; done
      rm ${pid}
    fi`;
  const program = join(import.meta.dirname, "soak-service.ts");
  const start = `
    [ -e refuse ] && { echo "this release refuses to start"; exit 1; }
    exec 8>&9 9>&-
    setsid ${process.execPath} ${program} ${port} end </dev/null >/dev/null 2>&1 8>&- &
    echo $! >${pid}`;
  const lock = `exec 9>${host.path("service.lock")}; flock 9 || exit 1`;
  writeFileSync(host.path("stop.sh"), `${lock}\n${stop}\n`);
  writeFileSync(host.path("start.sh"), `${lock}\n${stop}\n${start}\n`);
}

/** A release of some files and folders; a bad one is unhealthy or will not even start. */
function filesOf(version: string, good: boolean): Readonly<Record<string, string>> {
  const many = Array.from({ length: 20 }, (_, at) => [`file-${at}`, `${version} ${at}\n`.repeat(50)]);
  const state: Readonly<Record<string, string>> = good
    ? { healthy: "" }
    : Number(version) % 2 === 0
      ? { refuse: "" }
      : {};
  return { version, ...Object.fromEntries(many), ...state };
}

function treeHash(files: readonly (readonly [name: string, text: string])[]): string {
  const hash = createHash("sha256");
  for (const [name, text] of files.toSorted(([one], [other]) => (one < other ? -1 : 1)))
    hash.update(`${name}\0${text}\0`);
  return hash.digest("hex");
}

function standingTree(host: Host) {
  const destination = host.path("srv/web");
  const files = readdirSync(destination).map((name) => [name, readFileSync(join(destination, name), "utf8")] as const);
  const id = readdirSync(host.path("srv/.dropship/web")).find(
    (name) => !name.endsWith(".json") && sameFolder(host, name),
  );
  return { hash: treeHash(files), version: host.read("srv/web/version"), id };
}

function sameFolder(host: Host, id: string): boolean {
  return host.read(`srv/.dropship/web/${id}/version`) === host.read("srv/web/version");
}

/** What only an update at work, or one that forgot to tidy up, has on disk. */
function leftovers(host: Host): readonly string[] {
  const beside = readdirSync(host.path("srv")).filter((name) => name !== "web" && name !== ".dropship");
  const among = readdirSync(host.path("srv/.dropship/web"));
  const records = new Set(among.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -5)));
  const odd = among.filter((name) => !name.endsWith(".json") && !records.has(name));
  const hidden = among.filter((name) => name.startsWith(".") || name.endsWith(".new"));
  return [...beside, ...odd, ...hidden];
}

function processesOf(host: Host): readonly string[] {
  const inside = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(host.folder);
    } catch {
      return false;
    }
  };
  return allProcesses()
    .filter(({ pid, line }) => pid !== process.pid && (line.includes(host.folder) || inside(pid)))
    .map(({ line }) => line);
}

function allProcesses(): readonly { readonly pid: number; readonly line: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      return line === "" ? [] : [{ pid: Number(name), line }];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

async function answer(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5000) });
  return await response.text();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
