import assert from "node:assert/strict";
import { test } from "node:test";
import type { OnEvent } from "../../src/agent/operations.ts";
import type { Command } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import {
  goodStory,
  idleStatus,
  memory,
  newRelease,
  now,
  oldRelease,
  rolledBack,
  tryCommand,
  updated,
} from "./in-memory-agent.ts";

const note = { code: "connection-failed", sentence: "The store is away.", remedy: "Wait." } as const;

/** Tells a story, then gives a result. */
function telling<Result>(result: Result) {
  return (...given: unknown[]) => {
    for (const event of goodStory) (given.at(-1) as OnEvent)(event);
    return Promise.resolve(result);
  };
}

test("an update is told state by state and ends in a sentence", async () => {
  const { code, out } = await tryCommand({ words: ["update", "web"], memory: memory({ update: telling([updated]) }) });

  assert.equal(code, 0);
  assert.equal(
    out,
    `    0.0s  web  downloading
    0.0s  web  switching to the new release
web: updated to 1.1-bbbbbbbbbbbb (was 1.0-aaaaaaaaaaaa) in 3.2s, down or unproven for 0.4s
`,
  );
});

test("an update that went bad ends with why, what was observed and the next step; exit code 7", async () => {
  const lines = [
    { at: now, state: "running-after-hooks", source: "script (web.hcl:9:3)", outcome: "failed", text: "no port" },
    { at: now, state: "running-before-hooks", source: "script (web.hcl:7:3)", outcome: "done", text: "fine" },
  ] as const;
  const answers = { update: telling([rolledBack]), evidence: async () => ({ attempt: rolledBack, lines }) };
  const { code, out } = await tryCommand({ words: ["update"], memory: memory(answers) });

  assert.equal(code, 7);
  assert.match(
    out,
    /web: rolled back from 1\.1-bbbbbbbbbbbb to 1\.0-aaaaaaaaaaaa in 3\.2s, down or unproven for 0\.4s\n {2}The hook start failed\.\n {2}next: Mend it\.\n {10}script \(web\.hcl:9:3\): failed\n {10}│ no port\n {2}all that was observed: dropship logs web\n$/,
  );
  assert.doesNotMatch(out, /fine/);
});

const outcomes = [
  ["updated", 0],
  ["unchanged", 0],
  ["aborted", 1],
  ["superseded", 75],
  ["postponed", 75],
  ["rolled-back", 7],
  ["withdrawn", 7],
  ["broken", 7],
] as const;

for (const [outcome, expected] of outcomes) {
  test(`an update that ends "${outcome}" exits with ${expected}`, async () => {
    const { code } = await tryCommand({
      words: ["update", "--quiet"],
      memory: memory({ update: telling([updated, { ...updated, outcome }]) }),
    });

    assert.equal(code, expected);
  });
}

const reports = [
  ["up-to-date", 0, 0, 0],
  ["update-available", 3, 0, 0],
  ["refused", 0, 0, 1],
  ["pinned", 0, 0, 75],
  ["paused", 0, 0, 75],
  ["failed", 5, 5, 5],
] as const;

for (const [outcome, checked, updatedAll, updatedOne] of reports) {
  test(`"${outcome}" exits with ${checked} from check, ${updatedAll} from update, ${updatedOne} from update of that service`, async () => {
    const report = { service: "web", outcome, running: newRelease, reason: note };
    const answers = memory({ check: async () => [report], update: async () => [report] });

    const one = await tryCommand({ words: ["check"], memory: answers });
    const all = await tryCommand({ words: ["update"], memory: answers });
    const named = await tryCommand({ words: ["update", "web"], memory: answers });

    assert.deepEqual([one.code, all.code, named.code], [checked, updatedAll, updatedOne]);
    assert.match(one.out, /^web: [a-z ]+ \(1\.1-bbbbbbbbbbbb\)\n {2}The store is away\.\n {2}next: Wait\.\n$/);
  });
}

test("history lists attempts with why; releases mark the current one", async () => {
  const answers = memory({
    history: async () => [rolledBack, updated],
    releases: async () => [
      { ...oldRelease, current: false, good: true },
      { ...newRelease, current: true, good: false },
    ],
  });
  const history = await tryCommand({ words: ["history", "web", "--limit", "2"], memory: answers });
  const releases = await tryCommand({ words: ["releases", "web"], memory: answers });

  assert.deepEqual(answers.asked, ["history(web, 2)", "releases(web)"]);
  assert.equal(
    history.out,
    `ATTEMPT   ENDED   TOOK  DOWN  OUTCOME      RELEASE           BEFORE            WHY
fedcba98  1m ago  3.2s  0.4s  rolled back  1.1-bbbbbbbbbbbb  1.0-aaaaaaaaaaaa  The hook start failed.
01234567  1m ago  3.2s  0.4s  updated      1.1-bbbbbbbbbbbb  1.0-aaaaaaaaaaaa
`,
  );
  assert.equal(
    releases.out,
    `   RELEASE              SIZE  STAGED  HEALTH
→  1.1-bbbbbbbbbbbb  4.0 KiB  1m ago  not proven
   1.0-aaaaaaaaaaaa  2.0 KiB  2h ago  good
`,
  );
});

test("logs show all that was observed", async () => {
  const lines = [
    { at: now, state: "running-after-hooks", source: "script", outcome: "failed", text: "a\nb\n" },
  ] as const;
  const answers = memory({ evidence: async () => ({ attempt: rolledBack, lines }) });
  const { out } = await tryCommand({ words: ["logs", "web", "fedc"], memory: answers });

  assert.deepEqual(answers.asked, ["evidence(web, fedc)"]);
  assert.match(out, /attempt fedcba9876543210, number 1 at this release, begun \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n/);
  assert.match(out, /\d\d:\d\d:\d\d {2}running the after hooks: script: failed\n {10}│ a\n {10}│ b\n$/);
});

test("after a rollback by hand a person is told what the next upload does", async () => {
  const answers = () => memory({ rollback: telling({ ...updated, intent: "activate" }) });
  const { out } = await tryCommand({ words: ["rollback", "web"], memory: answers() });

  assert.match(
    out,
    /\nweb: activated [^\n]*\n {2}the next upload replaces it, unless it is pinned: dropship pin web\n$/,
  );
});

test("the verbs that change something ask for just that", async () => {
  const answers = memory({
    rollback: telling({ ...updated, intent: "activate" as const }),
    pin: async () => undefined,
    unpin: async () => undefined,
    pause: async () => undefined,
    resume: async () => undefined,
    retry: telling([updated]),
  });
  const lines = ["rollback web 1.0", "pin web", "unpin web", "pause", "pause web", "resume", "retry web"];
  const results = [];
  for (const line of lines) results.push(await tryCommand({ words: line.split(" "), memory: answers }));

  assert.deepEqual(answers.asked, [
    "rollback(web, 1.0)",
    "pin(web, undefined)",
    "unpin(web)",
    "pause(undefined)",
    "pause(web)",
    "resume(undefined)",
    "retry(web)",
  ]);
  assert.deepEqual(
    results.map(({ code }) => code),
    [0, 0, 0, 0, 0, 0, 0],
  );
  assert.match(results[0]?.out ?? "", /web: activated 1\.1-bbbbbbbbbbbb \(was 1\.0-aaaaaaaaaaaa\)/);
  assert.equal(results[3]?.out, 'all services: paused until "dropship resume".\n');
  assert.equal(results[4]?.out, 'web: paused until "dropship resume web".\n');
});

test("with --json every command prints JSON only", async () => {
  const configuration = { file: "/f", servicePath: "/s", statePath: "/t", services: [] };
  const answers = memory({
    status: async () => [idleStatus],
    history: async () => [updated],
    releases: async () => [],
    evidence: async () => ({ attempt: updated, lines: [] }),
    check: async () => [],
    update: telling([updated]),
    rollback: telling(updated),
    pin: async () => undefined,
    unpin: async () => undefined,
    pause: async () => undefined,
    resume: async () => undefined,
    retry: telling([updated]),
    reload: async () => configuration,
  });
  const operands: Readonly<Record<string, readonly string[]>> = {
    completion: ["bash"],
    explain: ["service"],
    forget: ["web-2"],
  };
  const config =
    'service "web" {\n  sequentialUpdates = true\n  artifact "file" {\n    path = "/a"\n    destination = "/srv/web"\n  }\n}\n';
  // Those that publish print theirs in publishing.test.ts.
  const publishes = ({ name, operands: takes }: Command) =>
    name === "keygen" || takes.some((operand) => operand.name === "target");
  // What init prints stands in init.test.ts: it writes files.
  const elsewhere = (one: Command) => ["agent", "init"].includes(one.name) || publishes(one);
  for (const { name, operands: takes } of commands.filter((one) => !elsewhere(one))) {
    const needed = takes.filter(({ required }) => required).map(() => "web");
    const { code, out, err } = await tryCommand({
      words: [name, ...(operands[name] ?? needed), "--json"],
      memory: answers,
      config,
    });

    assert.equal(code, 0, `${name}: ${err}`);
    for (const line of out.trimEnd().split("\n")) assert.equal(typeof JSON.parse(line), "object", name);
  }
  const { out } = await tryCommand({ words: ["update", "--json"], memory: answers });
  assert.deepEqual(JSON.parse(out.trimEnd().split("\n").at(-1) ?? ""), {
    type: "result",
    results: [JSON.parse(JSON.stringify(updated))],
  });
});

test("a failure is a sentence and a next step; with --json a document too", async () => {
  const plain = await tryCommand({ words: ["status", "wbe"] });
  const json = await tryCommand({ words: ["status", "wbe", "--json"] });

  assert.equal(plain.code, 2);
  assert.match(plain.err, /^error: There is no service "status"/);
  assert.equal(JSON.parse(json.out).failure.code, "unknown-service");
});

test("an error that nobody thought of is told with its trace, exit code 1", async () => {
  const answers = memory({
    status: async () => {
      throw new TypeError("oops");
    },
  });
  const { code, err } = await tryCommand({ words: ["status"], memory: answers });

  assert.equal(code, 1);
  assert.match(err, /no word for: oops[\s\S]*TypeError: oops\n {4}at /);
});

test("every command has a summary, an example that is a command line, and help", async () => {
  for (const command of commands) {
    const { code, out } = await tryCommand({ words: [command.name, "--help"] });

    assert.equal(code, 0);
    assert.match(out, new RegExp(`^Usage: dropship ${command.name}`));
    assert.ok(command.summary.endsWith("."), command.name);
    assert.ok(
      command.examples.every(([line]) => line.startsWith(`dropship ${command.name}`) || command.name === "releases"),
      command.name,
    );
  }
});

test("explain lists every family, and knows each word that it lists", async () => {
  for (const family of ["repo", "hook", "health", "archive"]) {
    const { out } = await tryCommand({ words: ["explain", family, "--json"] });
    const text: string = JSON.parse(out).sections[0].text;
    const names = [...text.matchAll(/^ {2}(\S+) {2}/gm)].map(([, name]) => name ?? "");

    assert.ok(names.length >= 3, out);
    for (const name of names) {
      const one = await tryCommand({ words: ["explain", family, name] });
      assert.equal(one.code, 0, name);
      assert.ok(one.out.split("\n")[0]?.includes(name), one.out);
    }
    assert.equal((await tryCommand({ words: ["explain", family, "zebra"] })).code, 2);
  }
});

test("help lines fit the terminal", async () => {
  for (const words of [["help"], ["help", "update"], ["explain", "service"]]) {
    const { out } = await tryCommand({ words, columns: 80, environment: { NO_COLOR: "1" } });

    assert.deepEqual(
      out.split("\n").filter((line) => line.length > 80 && !/^ {2}\S/.test(line)),
      [],
    );
  }
});
