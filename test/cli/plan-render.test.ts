import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { type PlanView, renderPlan } from "../../src/cli/render/plan.ts";
import { forecast, worstCase } from "../../src/domain/rollout/forecast.ts";
import { type ProspectSources, prospectOf } from "../../src/domain/rollout/prospect.ts";
import type { RolloutRecord } from "../../src/domain/rollout/record.ts";
import { declared, hostNames, minute, now, recordOf, reportOf, slot, tally } from "../domain/rollout/fleet-as-seen.ts";
import { deskInMemory } from "./in-memory-agent.ts";
import { paper } from "./paper.ts";

const desk = deskInMemory();

function reportsOf(count: number): ProspectSources["reports"] {
  return hostNames(count).map((host, at) => reportOf(host, at % 2 === 0 ? { usual: 30_000 } : {}));
}

function planOf(count: number, record: RolloutRecord | undefined, rollout = declared): PlanView {
  const sources = { record, reports: reportsOf(count), rollout, bake: 0, pace: 0, now };
  const prospect = prospectOf(sources);
  const outlook = forecast(prospect.question);
  const worst = [0, outlook.hosts.length - 1].map((place) => worstCase(prospect.question, place));
  return {
    service: { ...desk.service, rollout },
    group: "default",
    place: "memory",
    ...(record && { phase: record.phase }),
    prospect,
    forecast: outlook,
    ifBad: worst.filter((one) => one !== undefined),
  };
}

test("the rest of a rollout: who has begun, who follows, and what is known of them", () => {
  const record = recordOf({ ok: tally("web-2"), slots: { "web-1": slot() } });

  assert.equal(
    renderPlan(planOf(3, record), now, paper().screen),
    `web: rolling, 2 more hosts in about 48.0s

  release      1.4.2 (3f9c2a718b01)
  plan         1 of 3 at a time, 1 canary; halts at 1 failure, or when 2 give up
  ends         +48.0s
  hosts meet   in memory

  TURN  HOST      BEGINS    ENDS  TAKES
     1  web-1  has begun  +18.0s  18.0s
     2  web-3     +18.0s  +48.0s  30.0s

If the release is bad:
  BAD FROM   HALTS  KEEP IT  WENT BACK  NEVER TOOK IT
  1: web-1  +18.0s        0          1              1
  2: web-3  +48.0s        1          1              0
  A release that is bad everywhere costs 1 host one attempt each, at most 1 at a time; 1 host never
  sees it.`,
  );
});

test("before an upload the order is an example, and a host without history is marked", () => {
  const told = renderPlan(planOf(4, undefined), now, paper().screen);

  assert.match(told, /^web: 4 hosts in about 2m 00s\n/);
  assert.match(told, /release +the next one; each content has an order of its own, so that this one is an example/);
  assert.match(told, /web-\d +at once +\+30\.0s +~?30\.0s {2}canary\n/);
  assert.match(told, /\n {2}~ nothing is known of this host; it is taken to be as the others \(median\)\n/);
});

test("windows make it a matter of the clock on the wall", () => {
  const window = { where: "", days: [0, 1, 2, 3, 4, 5, 6], from: 22 * 60, to: 4 * 60, zone: "UTC", overrun: "finish" };
  const noon = { ...declared, windows: [{ ...window, overrun: "finish" as const }] };
  const told = renderPlan(planOf(2, undefined, noon), now, paper().screen);
  const opens = new Date(Math.floor(now / 86_400_000) * 86_400_000 + 22 * 3_600_000);

  assert.ok(opens.getTime() > now, "the moment of the tests is before ten in the evening");
  assert.match(
    told,
    /windows +closed now; the next opens \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(by the clock of this machine\)\n/,
  );
  assert.match(told, /ends +\d{4}-\d\d-\d\d \d\d:01:00\n/);
});

test("a fleet of 2,000 shows the first and the last, and fits the window", () => {
  const { screen } = paper({}, 80);
  const told = renderPlan(planOf(2000, undefined, { ...declared, limit: { percent: 5 } }), now, screen);
  const lines = stripVTControlCharacters(told).split("\n");

  assert.ok(lines.length < 40, `${lines.length} lines`);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.ok(lines.includes("  … and 1,985 more …"));
  assert.match(lines.join("\n"), /\n {2}2,000: web-\d{4} /);
});

test("what keeps hosts from beginning is told", () => {
  const stuck = renderPlan(planOf(3, recordOf({ slots: { x: slot({ state: "lost" }) } })), now, paper().screen);
  const never = { where: "", days: [], from: 0, to: 60, zone: "UTC", overrun: "finish" as const };
  const closed = renderPlan(planOf(3, undefined, { ...declared, windows: [never] }), now, paper().screen);

  assert.match(stuck, /^web: rolling, nobody begins\n[\s\S]*begins +never: every slot is held by a host that is lost/);
  assert.match(stuck, /unreached +web-\d, web-\d, web-\d\n/);
  assert.match(closed, /begins +never: no window opens within two weeks\n/);
});

test("a guess is said to be one, and a halted rollout counts from when it goes on", () => {
  const halt = { why: "operator", reason: "ann", at: now - minute } as const;
  const view = planOf(2, recordOf({ phase: "halted", halt }));
  const guess = { ...view, prospect: { ...view.prospect, assumed: true } };

  assert.match(renderPlan(guess, now, paper().screen), /in about [^\n]*, by a guess\n/);
  assert.match(renderPlan(view, now, paper().screen), /note +It is halted: the times count from when it goes on\./);
});

test("a budget that nothing exceeds never halts, and a rollout that reverts says so", () => {
  const lenient = renderPlan(planOf(3, undefined, { ...declared, failureBudget: 9 }), now, paper().screen);
  const reverting = renderPlan(planOf(3, undefined, { ...declared, onHalt: "revert" }), now, paper().screen);

  assert.match(lenient, /1: web-\d +never/);
  assert.match(lenient, /It is never halted: 9 failures are allowed, and there are 3 hosts\./);
  assert.match(reverting, /GO BACK LATER/);
});
