import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "../../src/platform/clock.ts";
import type { Logger } from "../../src/platform/ports.ts";
import { createSupervisor } from "../../src/platform/supervisor.ts";
import { until } from "../agent/fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "dropship-notify-"));
const receivers = new Set<ChildProcess>();
after(() => {
  for (const receiver of receivers) receiver.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Binds the socket that systemd would, and prints every datagram as one JSON line. */
const receiver = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True: print(json.dumps(s.recv(65536).decode()), flush=True)
`;

async function listen(name: string) {
  const socket = join(folder, name);
  const child = spawn("/usr/bin/python3", ["-c", receiver, socket], { stdio: ["ignore", "pipe", "inherit"] });
  receivers.add(child);
  const said: string[] = [];
  let open = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (open + text).split("\n");
    open = lines.pop() ?? "";
    // systemd-notify sends a barrier behind each of its messages.
    const words = lines.filter((line) => line !== "bound").flatMap((line) => (JSON.parse(line) as string).split("\n"));
    said.push(...words.filter((word) => word !== "BARRIER=1"));
  });
  await once(child.stdout, "data");
  return { socket, said };
}

function withLog() {
  const lines: string[] = [];
  const logger: Logger = {
    log: (_level, event, fields) => lines.push(`${event} ${fields?.["problem"]}`),
    with: () => logger,
  };
  return { lines, ports: { clock: systemClock, logger } };
}

const path = process.env["PATH"];

test("systemd hears that the service is up, what it does, and that it stops", async () => {
  const { socket, said } = await listen("plain");
  await using supervisor = createSupervisor({ NOTIFY_SOCKET: socket, PATH: path }, withLog().ports);

  supervisor.status("looks after 2 services");
  supervisor.ready();
  await until("both arrived", () => said.includes("READY=1") && said.includes("STATUS=looks after 2 services"));
  supervisor.stopping();

  await until("the end arrived", () => said.includes("STOPPING=1"));
});

test("what was said last is told before a process ends", async () => {
  const { socket, said } = await listen("last");
  {
    await using supervisor = createSupervisor({ NOTIFY_SOCKET: socket, PATH: path }, withLog().ports);
    supervisor.status("first");
    supervisor.stopping();
  }

  await until("the end arrived", () => said.includes("STOPPING=1"), 1_000);
});

test("states that follow each other closely are told as one, the last of them surely", async () => {
  const { socket, said } = await listen("burst");
  await using supervisor = createSupervisor({ NOTIFY_SOCKET: socket, PATH: path }, withLog().ports);

  for (let state = 0; state <= 50; state += 1) supervisor.status(`state ${state}`);

  await until("the last state arrived", () => said.includes("STATUS=state 50"));
  assert.ok(said.length <= 3, said.join(" "));
});

test("a watched process says again and again that it is alive, once it is up", async () => {
  const { socket, said } = await listen("watched");
  const environment = { NOTIFY_SOCKET: socket, PATH: path, WATCHDOG_USEC: "900000", WATCHDOG_PID: String(process.pid) };
  await using supervisor = createSupervisor(environment, withLog().ports);

  supervisor.status("still opening the journal");
  await until("the status arrived", () => said.length > 0);
  const before = said.filter((word) => word === "WATCHDOG=1").length;
  supervisor.ready();

  await until("three signs of life", () => said.filter((word) => word === "WATCHDOG=1").length >= 3);
  assert.equal(before, 0);
});

test("the watchdog of another process is left to that process", async () => {
  const { socket, said } = await listen("foreign");
  const environment = { NOTIFY_SOCKET: socket, PATH: path, WATCHDOG_USEC: "30000", WATCHDOG_PID: "1" };
  await using supervisor = createSupervisor(environment, withLog().ports);

  supervisor.ready();
  await until("ready arrived", () => said.includes("READY=1"));
  supervisor.status("later");
  await until("what came later arrived", () => said.includes("STATUS=later"));

  assert.ok(!said.includes("WATCHDOG=1"), said.join(" "));
});

test("an event loop that is stuck says nothing", async () => {
  const { socket, said } = await listen("stuck");
  const program = `
    import { createSupervisor } from "${join(import.meta.dirname, "../../src/platform/supervisor.ts")}";
    import { systemClock } from "${join(import.meta.dirname, "../../src/platform/clock.ts")}";
    const supervisor = createSupervisor(process.env, { clock: systemClock, logger: { log() {} } });
    supervisor.ready();
    setTimeout(() => { supervisor.status("stuck from here on"); }, 500);
    setTimeout(() => { for (;;); }, 1500);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    env: { NOTIFY_SOCKET: socket, PATH: path, WATCHDOG_USEC: "300000" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  receivers.add(child);
  await until("it came to the loop", () => said.includes("STATUS=stuck from here on"));

  // Longer than the loop takes to begin, and many times the pause between two signs of life.
  await systemClock.sleep(2_500);
  const count = said.length;
  await systemClock.sleep(1_500);

  assert.ok(said.filter((word) => word === "WATCHDOG=1").length >= 3, said.join(" "));
  assert.equal(said.length, count);
  child.kill("SIGKILL");
});

test("without a service manager nothing is started; without systemd-notify it is said once", async () => {
  const log = withLog();
  await using silent = createSupervisor({ PATH: folder }, log.ports);
  await using lacking = createSupervisor({ NOTIFY_SOCKET: join(folder, "none"), PATH: folder }, log.ports);

  silent.ready();
  lacking.ready();
  await until("the complaint", () => log.lines.length > 0);
  lacking.status("again");
  lacking.stopping();
  await systemClock.sleep(600);

  assert.equal(log.lines.length, 1);
  assert.match(log.lines[0] ?? "", /systemd could not be told.*ENOENT/);
});
