import assert from "node:assert/strict";
import { test } from "node:test";
import { failure } from "../../src/domain/failures/failure.ts";
import { idleStatus, memory, tryCommand } from "./in-memory-agent.ts";

const answers = () =>
  memory({
    status: async () => [idleStatus],
    update: async () => [{ service: "web", outcome: "up-to-date" }],
  });

test("a running agent is asked without a word about it", async () => {
  const { err } = await tryCommand({ words: ["status"], memory: answers() });

  assert.equal(err, "");
});

test("without an agent the command does the work itself and says so in one line", async () => {
  const { code, out, err } = await tryCommand({ words: ["update"], memory: answers(), alone: true });

  assert.equal(code, 0);
  assert.equal(out, "web: up to date\n");
  assert.equal(err, "no agent is running; this command does the work itself\n");
  assert.equal((await tryCommand({ words: ["update", "-q"], memory: answers(), alone: true })).err, "");
});

test("without an agent what only reads is read from the state folder, and says so in one line", async () => {
  const { code, out, err } = await tryCommand({ words: ["status"], memory: answers(), alone: true });

  assert.equal(code, 0);
  assert.match(out, /^SERVICE/);
  assert.equal(err, "no agent is running; read from /var/lib/dropship\n");
  assert.equal((await tryCommand({ words: ["status", "-q"], memory: answers(), alone: true })).err, "");
});

test("beside a command that does the work itself, its process is named", async () => {
  const { err } = await tryCommand({
    words: ["status"],
    alone: true,
    doors: { lookOn: (_options, use) => use(answers().operations, { pid: 42, what: "dropship update" }) },
  });

  assert.equal(err, "process 42 (dropship update) is at work; read from /var/lib/dropship\n");
});

test("what needs a running agent says that there is none, and does nothing", async () => {
  const { code, err } = await tryCommand({ words: ["reload"], memory: answers(), alone: true });

  assert.equal(code, 6);
  assert.match(err, /^error: No agent runs on the state folder \/var\/lib\/dropship\.\n/);
});

test("Ctrl-C ends a look that has no answer yet", async () => {
  let interrupt: () => void = () => undefined;
  const { code, err } = await tryCommand({
    words: ["check"],
    alone: true,
    memory: memory({ check: () => new Promise(() => setImmediate(interrupt)) }),
    onInterrupt: (interrupted) => {
      interrupt = interrupted;
    },
  });

  assert.equal(code, 130);
  assert.match(err, /\nerror: Stopped before there was an answer\.\n/);
});

test("what an agent in this process warns of is seen; what it only notes is not", async () => {
  const { err } = await tryCommand({
    words: ["update"],
    memory: answers(),
    alone: true,
    doors: {
      embed({ logger }, use) {
        const own = logger.with({ service: "web" });
        own.log("info", "a note");
        own.log("warn", "the journal needs attention", { problem: "it was cut." });
        return use(answers().operations);
      },
    },
  });

  assert.equal(
    err,
    "no agent is running; this command does the work itself\nweb: the journal needs attention: it was cut.\n",
  );
});

test("how an update in this process ended is said once; how one ended that was left open is said before", async () => {
  const { err } = await tryCommand({
    words: ["update"],
    memory: answers(),
    alone: true,
    doors: {
      embed({ logger }, use) {
        logger.log("warn", "an update ended", { attempt: "1", problem: "It was interrupted." });
        const result = use(answers().operations);
        logger.log("error", "an update ended", { attempt: "2", problem: "It was unhealthy." });
        return result;
      },
    },
  });

  assert.equal(err, "no agent is running; this command does the work itself\nan update ended: It was interrupted.\n");
});

const broken =
  'service "web" {\n  checkInterval = "x"\n  artifact "file" {\n    path = "/a"\n    destination = "/b"\n  }\n}\n';

test("a configuration with errors does not hide a running agent", async () => {
  const { code, err } = await tryCommand({ words: ["status"], memory: answers(), config: broken });

  assert.equal(code, 0);
  assert.match(err, /^the configuration has errors; the agent goes on with the last good one/);
});

test("without an agent a configuration with errors ends the command, and each is shown once", async () => {
  const { code, err } = await tryCommand({ words: ["status"], memory: answers(), config: broken, alone: true });

  assert.equal(code, 4);
  assert.match(err, /^\/etc\/dropship\.d\/dropship\.hcl:2:19: error: "checkInterval" has a value of the wrong kind\n/);
  assert.match(err, /\nerror: The configuration \/etc\/dropship\.d\/dropship\.hcl has an error, shown above\.\n/);
});

test("Ctrl-C lets go of a running agent, says that it goes on, and exits with 130", async () => {
  let interrupt: () => void = () => undefined;
  const never = memory({ update: () => new Promise(() => setImmediate(interrupt)) });
  const { code, err } = await tryCommand({
    words: ["update"],
    memory: never,
    onInterrupt: (interrupted) => {
      interrupt = interrupted;
    },
  });

  assert.equal(code, 130);
  assert.equal(
    err,
    'The agent was left to itself; it goes on with what "dropship update" asked for. "dropship status" shows how far it is.\n',
  );
});

test("Ctrl-C asks an agent in this process to stop, and waits for it", async () => {
  let interrupt: () => void = () => undefined;
  const { code, err } = await tryCommand({
    words: ["update"],
    alone: true,
    onInterrupt: (interrupted) => {
      interrupt = interrupted;
    },
    doors: {
      embed: ({ stop }) =>
        new Promise((_resolve, reject) => {
          stop.addEventListener("abort", () => reject(failure("agent-stopping", {})));
          setImmediate(interrupt);
        }),
    },
  });

  assert.equal(code, 75);
  assert.match(err, /\nstopping; what is in the middle of a switch is ended first\nerror: The agent is stopping\.\n/);
});

test("the agent is run with what was asked for, and reads its configuration again on demand", async () => {
  const seen: unknown[] = [];
  const { code } = await tryCommand({
    words: ["agent", "--once", "--log-level", "debug", "--log-format=json"],
    doors: {
      async run({ configuration, once, logLevel, logFormat, load }) {
        const again = await load();
        seen.push(configuration.services.length, once, logLevel, logFormat, again.configuration.services.length);
        return 7;
      },
    },
  });

  assert.equal(code, 7);
  assert.deepEqual(seen, [1, true, "debug", "json", 1]);
  assert.equal((await tryCommand({ words: ["agent", "--log-level", "loud"] })).code, 2);
});

test("the agent does not start on a configuration with errors: each is shown", async () => {
  const { code, err } = await tryCommand({ words: ["agent"], config: broken });

  assert.equal(code, 4);
  assert.match(err, /2:19: error: "checkInterval" has a value of the wrong kind\n {2}2 \|/);
});

test("the main file comes from --config, then DROPSHIP_CONFIG, then /etc", async () => {
  const environment = { DROPSHIP_CONFIG: "/other/dropship.hcl" };

  assert.match(
    (await tryCommand({ words: ["validate"], environment })).out,
    /^good: \/other\/dropship\.hcl: 1 service \(web\)\n$/,
  );
  assert.match(
    (await tryCommand({ words: ["validate", "--config", "/x"], environment })).err,
    /^\/x: error: cannot be read/,
  );
});
