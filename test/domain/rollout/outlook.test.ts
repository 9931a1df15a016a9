import assert from "node:assert/strict";
import { test } from "node:test";
import { type NextStep, outlookOf } from "../../../src/domain/rollout/outlook.ts";
import { prospectOf } from "../../../src/domain/rollout/prospect.ts";
import type { RolloutRecord } from "../../../src/domain/rollout/record.ts";
import type { HostReport } from "../../../src/domain/rollout/report.ts";
import { summarize } from "../../../src/domain/rollout/summary.ts";
import { declared, minute, newDigest, now, recordOf, reportOf, slot, tally } from "./fleet-as-seen.ts";

function stepsOf(given: Partial<RolloutRecord>, reports: readonly HostReport[] = []): readonly NextStep[] {
  const record = recordOf(given);
  const summary = summarize(record, reports, now);
  const prospect = prospectOf({ record, reports, rollout: declared, bake: 0, pace: 0, now });
  return outlookOf({ service: "web", target: "web --group eu", record, summary, prospect });
}

const halt = { reason: "web-3: bad", at: now };
const failed = [{ host: "web-3", attempt: "f", digest: newDigest, reason: "bad" }];

test("a rollout that goes well needs nobody, and says what comes", () => {
  const rolling = stepsOf({ hosts: 40, ok: tally("web-1") });
  const canary = stepsOf({ phase: "canary", plan: { ...recordOf().plan, limit: 5, canary: 2 } });
  const complete = stepsOf({ phase: "complete" });

  assert.deepEqual(rolling, [{ sentence: "39 hosts are still to come, 1 at a time." }]);
  assert.deepEqual(canary, [
    { sentence: "The canaries prove the release: 0 of 2 well. Then the others follow, 5 at a time." },
  ]);
  assert.match(complete[0]?.sentence ?? "", /next upload begins the next rollout\.$/);
});

test("every halt says what ends it", () => {
  const remedies = (["failures", "broken", "aborts", "operator"] as const).map((why) => {
    const slots = why === "broken" ? { "web-3": slot({ state: "broken" }) } : {};
    const [first] = stepsOf({ phase: "halted", halt: { ...halt, why }, failed, slots, aborted: ["web-3"] });
    return first?.remedy ?? "";
  });

  for (const remedy of remedies) assert.match(remedy, /say "dropship rollout resume web --group eu"/);
  assert.match(remedies[0] ?? "", /^"dropship logs web" on web-3 shows the evidence/);
});

test("a halt for a lost host ends by itself, or by two words of an operator", () => {
  const slots = { "web-3": slot({ state: "lost" }) };
  const steps = stepsOf({ phase: "halted", halt: { ...halt, why: "lost" }, slots });

  assert.equal(steps.length, 1);
  assert.match(steps[0]?.sentence ?? "", /goes on by itself when web-3 is back and reports/);
  assert.match(steps[0]?.remedy ?? "", /forget web --group eu web-3", then "dropship rollout resume web --group eu"/);
});

test("hosts that walk back are counted", () => {
  const plan = { ...recordOf().plan, onHalt: "revert" as const };
  const given = { phase: "halted" as const, halt: { ...halt, why: "failures" as const }, plan };
  const steps = stepsOf({ ...given, ok: tally("web-1", "web-2"), reverted: tally("web-4") });

  assert.equal(steps[1]?.sentence, "Hosts that have it go back, 1 at a time: 1 did, 2 hosts still have it.");
});

test("a pause names the word that ends it, and who still ends what was switched", () => {
  const [step] = stepsOf({ phase: "paused", slots: { "web-3": slot() } });

  assert.equal(step?.sentence, "Nothing new begins; web-3 may end what was switched.");
  assert.match(step?.remedy ?? "", /"dropship rollout resume web --group eu"/);
});

test("a slot that no time frees needs a person, before all that goes on by itself", () => {
  const slots = { "web-3": slot({ state: "lost" }), "web-4": slot({ state: "broken" }) };
  const steps = stepsOf({ hosts: 9, slots });

  assert.deepEqual(
    steps.map(({ remedy }) => remedy?.match(/forget web --group eu (\S+)"/)?.[1]),
    ["web-3", "web-4", undefined],
  );
});

test("what waiting hosts cannot settle among themselves is told with their words", () => {
  const waiting = { why: "not-mine", sentence: "Another update holds a slot.", remedy: "Rename it." } as const;
  const steps = stepsOf({}, [reportOf("web-3", { waiting }), reportOf("web-4", { waiting })]);

  assert.deepEqual(steps[0], { sentence: "web-3 and web-4: Another update holds a slot.", remedy: "Rename it." });
});

test("hosts that wait for their window say when it opens, and nobody has to do anything", () => {
  const waiting = { why: "window", sentence: "The next window opens at ten." } as const;
  const steps = stepsOf({}, [reportOf("web-3", { waiting })]);

  assert.deepEqual(steps[0], { sentence: "web-3: The next window opens at ten." });
});

test("silent hosts are named when nobody else is to come, unless they have the release", () => {
  const old = { at: now - 60 * minute };
  const steps = stepsOf({ hosts: 3, ok: tally("web-1") }, [reportOf("web-1", old), reportOf("web-2", old)]);

  assert.match(steps[0]?.sentence ?? "", /^web-2 has not been heard of lately/);
  assert.match(steps[0]?.remedy ?? "", /forget web --group eu web-2"/);
});

test("a host that leaves the content alone is named with the words that change its mind", () => {
  const acknowledged = failed.map((one) => ({ ...one, acknowledged: true as const }));
  const steps = stepsOf({ failed: acknowledged }, [reportOf("web-3")]);

  assert.match(steps[0]?.sentence ?? "", /^web-3 leaves this content alone/);
  assert.match(
    steps[0]?.remedy ?? "",
    /"dropship retry web" there, or "dropship rollout retry web --group eu" for all/,
  );
});

test("hosts that were not counted when it began take it after it is complete", () => {
  const steps = stepsOf({ phase: "complete", hosts: 1, ok: tally("web-1"), slots: { "web-2": slot() } });

  assert.match(steps[0]?.sentence ?? "", /web-2 takes it, too, 1 at a time\.$/);
});

test("a name out of the store is quoted in what a person is to type", () => {
  const [step] = stepsOf({ slots: { "x; reboot": slot({ state: "lost" }) } });

  assert.match(step?.remedy ?? "", /forget web --group eu 'x; reboot'"/);
});
