import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startNginx } from "../test/servers/nginx.ts";
import { memory, processorTime, type Result } from "./measure.ts";
import { installed, startAgent } from "./running-agent.ts";

/** How many services, and how often each is checked, so that there is enough to count. */
const fleets = [
  { services: 1, interval: "100ms" },
  { services: 100, interval: "1s" },
  { services: 1000, interval: "10s" },
];
const settling = 15_000;
const window = 30_000;

/** What it costs to look, again and again, whether anything has changed, when nothing has. */
export async function measureIdle(folder: string): Promise<Result> {
  const rows: string[][] = [];
  for (const { services, interval } of fleets) {
    const place = join(folder, `idle-${services}`);
    mkdirSync(place);
    rows.push([String(services), ...(await measureFleet(place, services, interval))]);
  }
  return {
    title: "Idle: conditional checks and memory",
    note:
      `Services that follow files on nginx, one conditional request per check, over ${window / 1000} s after ` +
      `${settling / 1000} s of rest. CPU is user and system time of the agent's process divided by the checks that nginx counted, ` +
      "so the agent's idle cost is in it. Memory is that of an agent that found every release in place; without file pages is " +
      "anonymous memory only (RssAnon). The last column is an agent that has installed all the services one after the other " +
      `since its start, ${settling / 1000} s later.`,
    head: [
      "services",
      "checks per second",
      "CPU per check (ms)",
      "RSS (MB)",
      "without file pages (MB)",
      "RSS after installing all (MB)",
    ],
    rows,
  };
}

async function measureFleet(folder: string, services: number, interval: string): Promise<string[]> {
  await using nginx = await startNginx();
  const artifact = join(folder, "small.tar.gz");
  writeFileSync(join(folder, "index.html"), "hello\n");
  execFileSync("tar", ["-C", folder, "-czf", artifact, "index.html"]);
  const names = Array.from({ length: services }, (_, number) => `service-${number + 1}`);
  for (const name of names) copyFileSync(artifact, join(nginx.www, `${name}.tar.gz`));
  const blocks = names.map(
    (name) => `service "${name}" {
  checkInterval = "${interval}"
  artifact "http" {
    url         = "${nginx.endpoint}/${name}.tar.gz"
    destination = "${folder}/current/${name}"
  }
}
`,
  );
  mkdirSync(join(folder, "current"));
  const configuration = blocks.join("\n");
  const busy = await installAll(folder, configuration, services);
  await using agent = await startAgent(folder, configuration);
  await sleep(settling);
  const requests = () => readFileSync(join(nginx.directory, "access"), "utf8").split("\n").length;
  const [before, timeBefore] = [requests(), processorTime(agent.pid)];
  await sleep(window);
  const checks = requests() - before;
  const time = processorTime(agent.pid) - timeBefore;
  return [
    ((checks * 1000) / window).toFixed(1),
    (time / checks).toFixed(2),
    memory(agent.pid, "VmRSS").toFixed(0),
    memory(agent.pid, "RssAnon").toFixed(0),
    busy.toFixed(0),
  ];
}

/** The memory (RSS) of an agent that has just installed all services. */
async function installAll(folder: string, configuration: string, services: number): Promise<number> {
  await using agent = await startAgent(folder, configuration);
  await installed(agent, services);
  await sleep(settling);
  return memory(agent.pid, "VmRSS");
}
