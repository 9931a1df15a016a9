import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startNginx } from "../test/servers/nginx.ts";
import { median, type Result, until } from "./measure.ts";
import { installed, startAgent } from "./running-agent.ts";

const rounds = 15;

/** How long after an upload the destination is the new release. */
export async function measureLatency(folder: string): Promise<Result> {
  const rows: string[][] = [];
  const polled = join(folder, "latency-polled");
  mkdirSync(polled);
  rows.push(["every second", ...figures(await measurePolling(polled))]);
  const asked = join(folder, "latency-asked");
  mkdirSync(asked);
  rows.push(["`dropship update`, over the control socket", ...figures(await measureAsked(asked))]);
  return {
    title: "From upload to switched",
    note: "A tar.gz of 1 MB on nginx, no hooks, no health block; from the rename on the web server to the new content at the destination.",
    head: ["check", "median (ms)", "fastest", "slowest"],
    rows,
  };
}

function figures(times: readonly number[]): string[] {
  return [median(times), Math.min(...times), Math.max(...times)].map((value) => value.toFixed(0));
}

interface Stage {
  readonly configuration: string;
  /** Uploads new content; resolves with the time from then until it stands at the destination. */
  publish(release: number): Promise<number>;
}

function stage(folder: string, endpoint: string, www: string, interval: string): Stage {
  const publish = (release: number) => {
    mkdirSync(join(folder, "build"), { recursive: true });
    // A size of its own for each: nginx's ETag is made of the second and the size.
    writeFileSync(join(folder, "build", "ballast"), randomBytes(1e6 + release * 100));
    writeFileSync(join(folder, "build", "number"), String(release));
    execFileSync("tar", ["-C", join(folder, "build"), "-czf", join(www, "upload"), "."]);
    const begin = performance.now();
    renameSync(join(www, "upload"), join(www, "web.tar.gz"));
    return until("the switch", 60_000, () =>
      numberAt(folder) === String(release) ? performance.now() - begin : undefined,
    );
  };
  const configuration = `service "web" {
  checkInterval = "${interval}"
  artifact "http" {
    url         = "${endpoint}/web.tar.gz"
    destination = "${folder}/current"
  }
}
`;
  return { configuration, publish };
}

function numberAt(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, "current", "number"), "utf8");
  } catch {
    return undefined;
  }
}

async function measurePolling(folder: string): Promise<number[]> {
  await using nginx = await startNginx();
  const { configuration, publish } = stage(folder, nginx.endpoint, nginx.www, "1s");
  await using agent = await startAgent(folder, configuration);
  await publish(0);
  await installed(agent, 1);
  const times: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    // At any moment between two checks.
    await sleep(500 + Math.random() * 1000);
    times.push(await publish(round));
  }
  return times;
}

async function measureAsked(folder: string): Promise<number[]> {
  await using nginx = await startNginx();
  const { configuration, publish } = stage(folder, nginx.endpoint, nginx.www, "1h");
  await using agent = await startAgent(folder, configuration);
  const times: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const switched = publish(round);
    const [taken] = await Promise.all([switched, agent.operations.update("web", () => undefined)]);
    if (round > 0) times.push(taken);
  }
  return times;
}
