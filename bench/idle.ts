import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startNginx } from "../test/servers/nginx.ts";
import { memory, processorTime, type Result } from "./measure.ts";
import { buildProduct, installed, startAgent } from "./running-agent.ts";

/** How many services, and how often each is checked (milliseconds), so that there is enough to count. */
const fleets = [
  { services: 1, interval: 100 },
  { services: 100, interval: 1000 },
  { services: 1000, interval: 10_000 },
];
const kinds = ["file", "http"] as const;
/** Longer than the minute after which an agent collects garbage that has grown old. */
const settling = 70_000;
const window = 30_000;

interface Fleet {
  readonly folder: string;
  readonly configuration: string;
  readonly services: number;
  /** How often the agent asked so far; undefined when nobody counts. */
  readonly asked: () => number | undefined;
  /** Checks per second by the intervals. */
  readonly rate: number;
}

/** What it costs to look, again and again, whether anything has changed, when nothing has. */
export async function measureIdle(folder: string): Promise<Result> {
  const built = buildProduct(join(folder, "product"));
  const rows: string[][] = [];
  for (const { services, interval } of fleets) {
    for (const kind of kinds) {
      const place = join(folder, `${kind}-${services}`);
      mkdirSync(join(place, "current"), { recursive: true });
      await using nginx = await startNginx();
      const fleet = makeFleet({ kind, services, interval, folder: place, nginx });
      const busy = await installAll(fleet, built);
      const add = (...cells: string[]) => {
        rows.push([String(services), kind, ...cells]);
        console.error(`idle: ${rows.at(-1)?.join(" ")}`);
      };
      add("built", ...(await measureFleet(fleet, built)), ...busy);
      if (services === 100) add("source", ...(await measureFleet(fleet)), "", "");
    }
  }
  return {
    title: "Idle: conditional checks and memory",
    note:
      `Services that follow files on disk or on nginx (answer 304), one conditional check each time, over ${window / 1000} s ` +
      `after ${settling / 1000} s of rest. Built is what \`npm run build\` makes, the form that is installed; source is a clone. ` +
      "CPU is user and system time of the agent's process divided by its checks (nginx counts them; for files: what the " +
      "intervals ask for), so the agent's idle cost is in it. Memory (RSS, in MB) is that of an agent that found every release " +
      "in place; own is what belongs to the process alone (RssAnon), the rest are pages of files, nearly all of Node's program, " +
      "which the kernel shares and may drop. The last columns are an agent that has installed all the services since its " +
      `start, ${settling / 1000} s later.`,
    head: [
      "services",
      "repository",
      "form",
      "checks per second",
      "CPU per check (ms)",
      "RSS",
      "own",
      "RSS after installing all",
      "own after installing all",
    ],
    rows,
  };
}

interface FleetOrder {
  readonly kind: (typeof kinds)[number];
  readonly services: number;
  readonly interval: number;
  readonly folder: string;
  readonly nginx: { readonly endpoint: string; readonly www: string; readonly directory: string };
}

function makeFleet({ kind, services, interval, folder, nginx }: FleetOrder): Fleet {
  const artifact = join(folder, "small.tar.gz");
  writeFileSync(join(folder, "index.html"), "hello\n");
  execFileSync("tar", ["-C", folder, "-czf", artifact, "index.html"]);
  const names = Array.from({ length: services }, (_, number) => `service-${number + 1}`);
  for (const name of names) copyFileSync(artifact, join(nginx.www, `${name}.tar.gz`));
  const blocks = names.map((name) => {
    const source =
      kind === "http" ? `url = "${nginx.endpoint}/${name}.tar.gz"` : `path = "${nginx.www}/${name}.tar.gz"`;
    return `service "${name}" {
  checkInterval = "${interval}ms"
  artifact "${kind}" {
    ${source}
    destination = "${folder}/current/${name}"
  }
}
`;
  });
  const requests = () => readFileSync(join(nginx.directory, "access"), "utf8").split("\n").length;
  return {
    folder,
    configuration: blocks.join("\n"),
    services,
    asked: () => (kind === "http" ? requests() : undefined),
    rate: (services * 1000) / interval,
  };
}

async function measureFleet({ folder, configuration, asked, rate }: Fleet, launcher?: string): Promise<string[]> {
  await using agent = await startAgent(folder, configuration, launcher);
  await sleep(settling);
  const [before, timeBefore] = [asked(), processorTime(agent.pid)];
  await sleep(window);
  const time = processorTime(agent.pid) - timeBefore;
  const now = asked();
  const checks = before !== undefined && now !== undefined ? now - before : (rate * window) / 1000;
  return [((checks * 1000) / window).toFixed(1), (time / checks).toFixed(2), ...memoryOf(agent.pid)];
}

/** The memory of an agent that has just installed all services. */
async function installAll({ folder, configuration, services }: Fleet, launcher: string): Promise<string[]> {
  await using agent = await startAgent(folder, configuration, launcher);
  await installed(agent, services);
  await sleep(settling);
  return memoryOf(agent.pid);
}

function memoryOf(pid: number): string[] {
  return [memory(pid, "VmRSS").toFixed(0), memory(pid, "RssAnon").toFixed(0)];
}
