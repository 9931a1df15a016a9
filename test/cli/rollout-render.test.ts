import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { type RolloutView, viewOf } from "../../src/cli/fleet-view.ts";
import { renderFleets } from "../../src/cli/render/fleets.ts";
import { namesWithin } from "../../src/cli/render/names.ts";
import { renderNextSteps } from "../../src/cli/render/next-steps.ts";
import { renderRollout } from "../../src/cli/render/rollout.ts";
import { changeLine } from "../../src/cli/render/rollout-line.ts";
import { failure } from "../../src/domain/failures/failure.ts";
import type { RolloutRecord } from "../../src/domain/rollout/record.ts";
import type { HostReport } from "../../src/domain/rollout/report.ts";
import { shellWord } from "../../src/domain/shell-word.ts";
import { hostNames, minute, newDigest, now, recordOf, reportOf, slot } from "../domain/rollout/fleet-as-seen.ts";
import { deskInMemory } from "./in-memory-agent.ts";
import { paper } from "./paper.ts";

const desk = deskInMemory();
const waiting = { why: "slots-taken", sentence: "The one slot is taken." } as const;

function view(record: RolloutRecord | undefined, reports: readonly HostReport[] = []): RolloutView {
  return viewOf(
    desk,
    { record, reports, beats: [{ host: "web-02", attempt: "attempt", number: 1, at: now - 4000 }] },
    now,
  );
}

/** A fleet in the middle of a rollout: a third has it, a few hold slots, the others wait, and the last is silent. */
function fleetOf(count: number): RolloutView {
  const names = hostNames(count);
  const done = names.slice(0, Math.floor(count / 3));
  const holders = names.slice(done.length, done.length + Math.ceil(count / 20));
  const slots = Object.fromEntries(holders.map((host, at) => [host, slot({ since: now - 1000 * (at + 1) })]));
  const plan = { ...recordOf().plan, limit: holders.length };
  const release = { ...recordOf().release, digest: newDigest, artifact: "s3://releases/web.tar.gz", version: "1.4.2" };
  const ok = { count: done.length, hosts: done.slice(0, 500) };
  const reports = names.map((host, at) =>
    reportOf(host, {
      ...(at < done.length && { running: { id: "new", digest: newDigest, version: "1.4.2" } }),
      ...(at >= done.length + holders.length && { waiting }),
      ...(at === count - 1 && { at: now - 125 * minute }),
    }),
  );
  return view(recordOf({ hosts: count, ok, slots, plan, release }), reports);
}

test("a small fleet is told in full, plain in a pipe", () => {
  const { screen } = paper();

  assert.equal(
    renderRollout(fleetOf(3), now, screen),
    `web: rolling  1 of 3 hosts

  release      1.4.2 (3f9c2a718b01), begun 14m ago
  artifact     s3://releases/web.tar.gz
  plan         1 of 3 at a time, 1 canary; halts at 1 failure, or when 2 give up
  hosts meet   in memory; 3 hosts reported

  SLOT OF  STATE      FOR  LAST BEAT
  web-2    updating  1.0s  none

  done         1: web-1
  silent       1: web-3 (for 2h 05m)
  running      1.4.1 (a4d1e2f3b4c5) on 2 hosts: web-2, web-3
               1.4.2 (3f9c2a718b01) on 1 host: web-1

! web-3 has not been heard of lately, and may be what keeps it from being complete.
  next: Bring it back; of a host that is gone for good, say "dropship rollout forget web web-3".
next: 2 hosts are still to come, 1 at a time.`,
  );
});

for (const [hosts, columns, most] of [
  [3, 80, 25],
  [40, 80, 26],
  [40, 120, 26],
  [2000, 80, 36],
  [2000, 120, 34],
] as const) {
  test(`a fleet of ${hosts} fits a window of ${columns} columns, and lists are cut short`, () => {
    const { screen } = paper({}, columns);
    const lines = renderRollout(fleetOf(hosts), now, screen).split("\n");

    assert.ok(lines.length <= most, `${lines.length} lines`);
    for (const line of lines) assert.ok(stripVTControlCharacters(line).length <= columns, line);
    assert.match(lines[0] ?? "", /█+░+/);
    if (hosts === 2000) {
      assert.match(lines.join("\n"), /and 90 more\n/);
      assert.match(lines.join("\n"), /done {9}.{0,20}666: web-0001, .* and \d+ more/);
    }
  });
}

test("all means all", () => {
  const told = renderRollout(fleetOf(40), now, paper().screen, "all");

  for (const name of hostNames(40)) assert.match(told, new RegExp(name));
  assert.doesNotMatch(told, / more/);
});

test("in a low window, what needs a person is kept before what stands behind it", () => {
  const usual = renderRollout(fleetOf(2000), now, paper({}, 80).screen);
  const brief = renderRollout(fleetOf(2000), now, paper({}, 80).screen, "brief");

  assert.ok(brief.split("\n").length < 20, brief);
  assert.equal(brief.split("\n").at(-1), usual.split("\n").at(-1));
  assert.doesNotMatch(brief, /running {2}|hosts meet|artifact/);
});

test("a halt stands first and red, and a word of an operator is told with who and why", () => {
  const halt = { why: "operator", reason: "ann@laptop: logins fail", at: now - 3 * minute } as const;
  const said = { event: "halt", by: "ann@laptop", at: now - 3 * minute, reason: "logins fail" };
  const { screen } = paper({ environment: { FORCE_COLOR: "1" } });
  const lines = renderRollout(view(recordOf({ phase: "halted", halt, said })), now, screen).split("\n");

  assert.equal(lines[0], "\u001b[1mweb\u001b[22m: \u001b[31mhalted\u001b[39m  0 of 3 hosts");
  assert.match(lines[2] ?? "", /halted[^\n]*\u001b\[31m3m ago, by an operator: ann@laptop: logins fail\u001b/);
  assert.ok(lines.some((line) => line.includes("halted by ann@laptop 3m ago: logins fail")));
});

test("slots that need a person come first, each with what is odd about it", () => {
  const slots = {
    "web-1": slot(),
    "web-2": slot({ state: "lost", acknowledged: true }),
    "web-3": slot({ state: "broken" }),
    "web-4": slot({ purpose: "revert" }),
    "web-5": slot({ digest: "b".repeat(64) }),
  };
  const told = renderRollout(view(recordOf({ slots })), now, paper().screen);
  const rows = told.split("\n").filter((line) => /^ {2}web-\d/.test(line));

  assert.deepEqual(
    rows.map((row) => row.trim().replace(/ {2,}/g, " | ")),
    [
      "web-3 | broken | 12.0s | none",
      "web-2 | lost | 12.0s | none | acknowledged",
      "web-1 | updating | 12.0s | none",
      "web-4 | updating | 12.0s | none | going back",
      "web-5 | updating | 12.0s | none | of bbbbbbbbbbbb, the release before",
    ],
  );
});

test("before the first rollout there is nothing to tell but where hosts meet and what runs", () => {
  assert.equal(
    renderRollout(view(undefined, [reportOf("web-1")]), now, paper().screen),
    `web: no rollout yet

  hosts meet   in memory; 1 host reported

  running      1.4.1 (a4d1e2f3b4c5) on 1 host: web-1

next: It begins with the first upload that a host with this configuration sees.`,
  );
});

test("what was seen before the store went away is said to be so", () => {
  const problem = failure("rollout-store-busy", { place: "memory", answer: "later" });
  const sight = { record: recordOf(), reports: [], beats: [], problem };
  const old = viewOf(desk, sight, now);

  assert.match(renderRollout(old, now, paper().screen), /^web: rolling[^\n]*\n! not up to date: The store memory asks/);
  assert.match(changeLine(old), /^web: not up to date: /);
});

test("a store that is only best-effort is said to be so", () => {
  const lossy = viewOf({ ...desk, safety: "best-effort" }, { record: recordOf(), reports: [], beats: [] }, now);

  assert.match(
    renderRollout(lossy, now, paper().screen),
    /hosts meet +in memory; 0 hosts reported; best-effort: it may lose/,
  );
});

test("a line of what changed does not change with time", () => {
  const record = recordOf({ slots: { "web-2": slot() } });
  const line = (at: number) => changeLine(viewOf(desk, { record, reports: [], beats: [] }, at));

  assert.equal(line(now), line(now + minute));
});

test("what the store says drives no terminal", () => {
  const nasty = "web\u001b[2J";
  const halt = { why: "failures", reason: `${nasty}: bad`, at: now } as const;
  const release = { digest: newDigest, artifact: nasty, version: nasty };
  const failed = [{ host: nasty, attempt: "f", digest: newDigest, reason: nasty }];
  const slots = { [nasty]: slot({ state: "lost" }) };
  const record = recordOf({ phase: "halted", halt, release, failed, slots, aborted: [nasty] });
  const told = view(record, [reportOf(nasty, { waiting: { why: "store", sentence: nasty, remedy: nasty } })]);

  for (const text of [
    renderRollout(told, now, paper().screen),
    changeLine(told),
    renderFleets([{ view: told }], now, paper().screen),
  ]) {
    assert.doesNotMatch(text, /\u001b/);
  }
});

test("all coordinated services are one a line, with what needs a person below", () => {
  const away = failure("rollout-store-refused", { place: "memory", doing: "read", answer: "no" });
  const told = renderFleets([{ view: fleetOf(40) }, { service: "api", failure: away }], now, paper().screen);

  assert.match(told, /^SERVICE {2}PHASE +DONE +SLOTS +SILENT +RELEASE +BEGUN\nweb +rolling +13\/40 +2\/2 +1 +1\.4\.2/);
  assert.match(
    told,
    /\napi +unknown\n\n! web: web-40 has not[\s\S]*\n! api: The store memory refused to read: no\.\n {2}next: /,
  );
});

test("a command that is to be typed is not broken into lines", () => {
  const remedy = `${"Bring it back, ".repeat(4)}or say "dropship rollout forget web web-40".`;
  const lines = renderNextSteps([{ sentence: "It is lost.", remedy }], paper({}, 60).screen);

  assert.ok(lines.some((line) => line.includes('"dropship rollout forget web web-40"')));
});

test("names are listed as far as there is room, and counted", () => {
  const names = hostNames(2000);

  assert.equal(namesWithin(names, 40), "web-0001, web-0002 and 1,998 more");
  assert.equal(namesWithin(names, 5), "web-0001 and 1,999 more");
  assert.equal(namesWithin(["a", "b"], 80, 2000), "a, b and 1,998 more");
  assert.equal(namesWithin(["a\u001b[2J"], 80), "a\ufffd[2J");
});

test("a name that a shell would take apart is quoted in the commands", () => {
  assert.deepEqual(["web", "web two", "it's", "eu/web:1"].map(shellWord), [
    "web",
    "'web two'",
    "'it'\\''s'",
    "eu/web:1",
  ]);
});
