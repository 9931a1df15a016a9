import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger, type LoggerOptions } from "../../src/platform/logger.ts";

/** A logger whose sink takes as much as `room` says. */
function recording(options: Partial<LoggerOptions> = {}, room = () => Number.POSITIVE_INFINITY) {
  let text = "";
  const logger = createLogger({
    level: "info",
    format: "json",
    wall: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    sink: (bytes) => {
      const taken = Math.min(bytes.length, room());
      text += Buffer.from(bytes.subarray(0, taken)).toString("latin1");
      return taken;
    },
    ...options,
  });
  return { logger, text: () => Buffer.from(text, "latin1").toString("utf8") };
}

const source = join(import.meta.dirname, "../../src/platform/logger.ts");

/** A process that logs `count` lines of 200 bytes as fast as it can, then tells the time it took and exits. */
function chatty(count: number): readonly string[] {
  const script = `
    const { createLogger } = await import(${JSON.stringify(source)});
    const logger = createLogger({ level: "info", format: "json" });
    const began = performance.now();
    for (let i = 0; i < ${count}; i += 1) logger.log("info", "event", { i, text: "x".repeat(200) });
    const took = performance.now() - began;
    await logger.flush(200);
    process.stdout.write(String(took), () => process.exit(0));`;
  return ["--input-type=module", "-e", script];
}

test("an event is one JSON object on one line", () => {
  const { logger, text } = recording();

  logger.with({ service: "web" }).log("warn", "the check failed", { code: "timed-out", count: 2, left: undefined });

  assert.equal(text().split("\n").length, 2);
  assert.deepEqual(JSON.parse(text()), {
    time: "2026-01-02T03:04:05.678Z",
    level: "warn",
    event: "the check failed",
    service: "web",
    code: "timed-out",
    count: 2,
  });
});

test("for journald the priority stands in front and the time is left out", () => {
  const { logger, text } = recording({ format: "journal", level: "debug" });

  logger.log("error", "an update ended", { outcome: "rolled-back", problem: 'it said "no"' });
  logger.log("debug", "observed");

  assert.equal(text(), '<3>an update ended outcome=rolled-back problem="it said \\"no\\""\n<7>observed\n');
});

test("for people there is time, level, sentence and fields, without colour where there is no terminal", () => {
  const { logger, text } = recording({ format: "text" });

  logger.log("info", "the agent runs", { services: 3, config: "/etc/dropship/dropship.hcl" });

  assert.equal(text(), "2026-01-02T03:04:05.678Z info  the agent runs services=3 config=/etc/dropship/dropship.hcl\n");
});

test("lines below the wanted level are left out", () => {
  const { logger, text } = recording({ level: "warn" });

  logger.log("info", "unwanted");
  logger.log("error", "wanted");

  assert.match(text(), /^[^\n]*wanted[^\n]*\n$/);
});

test("nothing in a value can begin a line of its own or drive a terminal", () => {
  const hostile = 'a\nb\r\u001b[2Jc\u0000\u0085\u2028\u2029\u202e\u200b"\u009b31m';
  for (const format of ["json", "text", "journal"] as const) {
    const { logger, text } = recording({ format });

    logger.log("info", `event ${hostile}`, { hostile, "na\nme": 1 });

    const line = text();
    assert.equal(line.indexOf("\n"), line.length - 1, format);
    assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e\u200b]/, format);
  }
});

test("secrets are taken out, wherever they stand", () => {
  const { logger, text } = recording();
  logger.conceal(["hunter2secret"]);

  logger.log("error", "failed with hunter2secret", {
    authorization: "Bearer abcdefghijkl",
    password: "swordfish",
    secretKey: "swordfish",
    url: "https://user:swordfish@store.example.com/a?X-Amz-Signature=swordfish&x=1",
    header: "authorization: Basic c3dvcmRmaXNoc3dvcmRmaXNo",
    trace: "Error: at hunter2secret",
  });

  assert.doesNotMatch(text(), /hunter2secret|swordfish|abcdefghijkl|c3dvcmRmaXNo/);
  assert.match(text(), /store\.example\.com\/a/);
});

test("a long value is cut", () => {
  const { logger, text } = recording();

  logger.log("info", "event", { body: "x".repeat(100_000) });

  assert.ok(text().length < 5000);
});

test("what a full sink does not take is kept within a bound, then dropped and counted", async () => {
  let room = 0;
  const { logger, text } = recording({}, () => room);
  for (let i = 0; i < 20_000; i += 1) logger.log("info", "event", { i, text: "x".repeat(200) });
  assert.equal(text(), "");

  room = Number.POSITIVE_INFINITY;
  await logger.flush(2000);
  logger.log("info", "afterwards");

  const lines = text()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const kept = lines.filter(({ event }) => event === "event").length;
  const notice = lines.find(({ dropped }) => dropped !== undefined);
  assert.ok(kept > 1000 && kept < 6000, `${kept} lines were kept`);
  assert.equal(kept + notice.dropped, 20_000);
  assert.equal(lines.at(-1).event, "afterwards");
});

test("a line that is taken in pieces arrives whole", async () => {
  const { logger, text } = recording({}, () => 7);

  logger.log("info", "ein Wort mit Ümläuten", { more: "…" });
  await logger.flush(2000);

  assert.equal(JSON.parse(text()).event, "ein Wort mit Ümläuten");
});

test("a sink that fails costs lines, not the process", () => {
  const { logger } = recording({
    sink: () => {
      throw new Error("ENOSPC");
    },
  });

  for (let i = 0; i < 10; i += 1) logger.log("info", "event");
});

test("a reader that never reads holds up neither the process nor its end", async () => {
  const child = spawn(process.execPath, chatty(20_000), { stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.pause();
  let took = "";
  child.stdout.on("data", (chunk) => {
    took += chunk;
  });

  const [code] = await once(child, "exit", { signal: AbortSignal.timeout(15_000) });

  child.stderr.destroy();
  assert.equal(code, 0);
  assert.ok(Number(took) < 5_000, `logging took ${took} ms`);
});

test("a full disk behind the log does not end the process", () => {
  const args = chatty(100).map((arg) => `'${arg.replaceAll("'", "'\\''")}'`);

  const done = spawnSync("bash", ["-c", `'${process.execPath}' ${args.join(" ")} 2>/dev/full`], { timeout: 15_000 });

  assert.equal(done.status, 0);
});

test("a reader that went away does not end the process", () => {
  const args = chatty(2000).map((arg) => `'${arg.replaceAll("'", "'\\''")}'`);

  const done = spawnSync("bash", ["-c", `'${process.execPath}' ${args.join(" ")} 2> >(exit 0)`], { timeout: 15_000 });

  assert.equal(done.status, 0);
});

test("a log file is appended to, never overwritten", () => {
  const folder = mkdtempSync(join(tmpdir(), "dropship-log-"));
  const file = join(folder, "log");
  const args = chatty(3).map((arg) => `'${arg.replaceAll("'", "'\\''")}'`);
  const run = `'${process.execPath}' ${args.join(" ")}`;

  spawnSync("bash", ["-c", `{ echo first >&2; ${run}; ${run}; } 2>'${file}'`], { timeout: 15_000 });

  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  rmSync(folder, { recursive: true });
  assert.equal(lines.length, 7);
  assert.equal(lines[0], "first");
});

test("a socket as systemd gives it is written to in journald's own style", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dropship-log-"));
  const path = join(folder, "journal.sock");
  let text = "";
  const server = createServer((socket) => {
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
  }).listen(path);
  await once(server, "listening");
  // What systemd does before it starts a service: connect, name device and inode of the socket, make it standard error.
  const script = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); os.dup2(s.fileno(), 2)
st = os.fstat(2); os.environ["JOURNAL_STREAM"] = f"{st.st_dev}:{st.st_ino}"
os.execv(sys.argv[2], sys.argv[2:])`;
  const program = `const { createLogger } = await import(${JSON.stringify(source)});
    const logger = createLogger({ level: "info", format: "auto" });
    logger.log("warn", "from the service", { n: 1 }); await logger.flush(500); process.exit(0);`;
  const child = spawn("python3", ["-c", script, path, process.execPath, "--input-type=module", "-e", program]);

  const [code] = await once(child, "exit", { signal: AbortSignal.timeout(15_000) });
  await new Promise((resolve) => server.close(resolve));

  rmSync(folder, { recursive: true });
  assert.equal(code, 0);
  assert.equal(text, "<4>from the service n=1\n");
});
