import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  beginWatch,
  combineHealth,
  type HealthRules,
  type HealthVerdict,
  type HealthWatch,
  healthVerdict,
  nextProbe,
  observed,
} from "../../src/domain/health.ts";

const rules: HealthRules = { deadline: 60, passes: 3, failures: 2, bake: 100, interval: 10, timeout: 5 };

interface Answer {
  readonly at: number;
  readonly healthy: boolean;
}

/** The watch after these answers; it began at 1000, and the answers' moments count from there. */
function watchAfter(answers: readonly Answer[], given = rules): HealthWatch {
  return answers.reduce((watch, { at, healthy }) => observed(watch, healthy, 1000 + at, given), beginWatch(1000));
}

/** Writes answers as "+" and "-", ten milliseconds apart. */
function verdictOf(signs: string, given = rules): HealthVerdict {
  const answers = [...signs].map((sign, place) => ({ at: 10 * (place + 1), healthy: sign === "+" }));
  return healthVerdict(watchAfter(answers, given));
}

describe("a service that starts", () => {
  test("is healthy only after enough passes in a row", () => {
    assert.equal(verdictOf(""), "starting");
    assert.equal(verdictOf("++"), "starting");
    assert.equal(verdictOf("++-++"), "starting");
    assert.equal(verdictOf("+++"), "baking");
    assert.equal(verdictOf("-+-+++"), "baking");
  });

  test("may fail as often as it wants before its deadline, and not once after it", () => {
    assert.equal(verdictOf("-----"), "starting");
    assert.equal(verdictOf("------"), "unhealthy");
    assert.equal(verdictOf("-----++"), "unhealthy");
  });

  test("is healthy by the answer that comes at its deadline, and unhealthy by one that does not prove it", () => {
    assert.equal(verdictOf("---+++"), "baking");
    assert.equal(verdictOf("----++"), "unhealthy");
  });
});

describe("a watch that stood still, as its machine or its agent did,", () => {
  const still = 100_000;
  const answersAt = (...answers: readonly [at: number, healthy: boolean][]) =>
    healthVerdict(
      watchAfter(
        answers.map(([at, healthy]) => ({ at, healthy })),
        { ...rules, deadline: 3000 },
      ),
    );

  test("does not count the time in which nobody looked against the service", () => {
    assert.equal(answersAt([10, false], [still, true], [still + 10, true], [still + 20, true]), "baking");
    assert.equal(answersAt([still, false], [still + 10, true], [still + 20, true], [still + 30, true]), "baking");
  });

  test("goes on to its deadline from where it was", () => {
    assert.equal(answersAt([10, false], [still, false], [still + 1000, false]), "starting");
    assert.equal(answersAt([10, false], [still, false], [still + 1000, false], [still + 2000, false]), "unhealthy");
  });

  test("takes no time in which nobody looked for a bake", () => {
    const bake = { ...rules, bake: 3000 };
    const proof = [10, 20, 30].map((at) => ({ at, healthy: true }));
    const verdict = (...later: readonly number[]) =>
      healthVerdict(watchAfter([...proof, ...later.map((at) => ({ at, healthy: true }))], bake));

    assert.equal(verdict(still), "baking");
    assert.equal(verdict(still, still + 1000, still + 2000), "healthy");
  });
});

describe("a service that became healthy", () => {
  test("is proved at once when it need not be watched", () => {
    assert.equal(verdictOf("+++", { ...rules, bake: 0 }), "healthy");
  });

  test("is proved by a pass at the end of the bake", () => {
    assert.equal(verdictOf("+++++++++++++", { ...rules, bake: 110 }), "baking");
    assert.equal(verdictOf("+++++++++++++", { ...rules, bake: 100 }), "healthy");
  });

  test("may fail now and then, but not several times in a row", () => {
    assert.equal(verdictOf("+++-+-+-+"), "baking");
    assert.equal(verdictOf("+++-+--"), "unhealthy");
  });

  test("that fails just at the end of the bake is looked at until it is clear", () => {
    assert.equal(verdictOf("++++++++++++-"), "baking");
    assert.equal(verdictOf("++++++++++++-+"), "healthy");
    assert.equal(verdictOf("++++++++++++--"), "unhealthy");
  });
});

describe("the next probe", () => {
  test("comes at once, then after the interval, and neither after the deadline nor after the end of the bake", () => {
    const next = (signs: string, interval: number) =>
      nextProbe(
        watchAfter([...signs].map((sign, at) => ({ at: 10 * (at + 1), healthy: sign === "+" }))),
        interval,
        rules,
      );

    assert.equal(next("", 25), 1000);
    assert.equal(next("-", 25), 1035);
    assert.equal(next("--", 100), 1060);
    assert.equal(next("+++", 500), 1130);
    assert.equal(next("++++++++++++-", 25), 1155);
  });
});

describe("several probes of one service", () => {
  test("must all be healthy", () => {
    assert.equal(combineHealth([]), "healthy");
    assert.equal(combineHealth(["healthy", "healthy"]), "healthy");
    assert.equal(combineHealth(["healthy", "baking"]), "baking");
    assert.equal(combineHealth(["baking", "starting"]), "starting");
    assert.equal(combineHealth(["starting", "unhealthy", "healthy"]), "unhealthy");
  });
});

describe("for any answers", () => {
  const anyRules = fc.record({
    deadline: fc.integer({ min: 1, max: 200 }),
    passes: fc.integer({ min: 1, max: 5 }),
    failures: fc.integer({ min: 1, max: 5 }),
    bake: fc.integer({ min: 0, max: 200 }),
    interval: fc.integer({ min: 1, max: 40 }),
    timeout: fc.integer({ min: 1, max: 40 }),
  });
  const anyAnswers = fc
    .array(fc.record({ pause: fc.integer({ min: 1, max: 40 }), healthy: fc.boolean() }), { maxLength: 60 })
    .map((steps) => {
      let at = 0;
      return steps.map(({ pause, healthy }) => {
        at += pause;
        return { at, healthy };
      });
    });

  test("a final verdict never changes", () => {
    fc.assert(
      fc.property(anyRules, anyAnswers, (given, answers) => {
        const verdicts = answers.map((_, place) => healthVerdict(watchAfter(answers.slice(0, place + 1), given)));
        const first = verdicts.findIndex((one) => one === "healthy" || one === "unhealthy");
        if (first !== -1) assert.equal(new Set(verdicts.slice(first)).size, 1);
      }),
    );
  });

  test("healthy means: a run of passes within the deadline, and a last answer that passed after the whole bake", () => {
    fc.assert(
      fc.property(anyRules, anyAnswers, (given, answers) => {
        const watch = watchAfter(answers, given);
        if (watch.verdict !== "healthy") return;
        assert.ok(watch.passing);
        assert.ok(watch.proved! - 1000 <= given.deadline);
        assert.ok(watch.answered! - watch.proved! >= given.bake);
        const proof = answers.findIndex(({ at }) => 1000 + at === watch.proved);
        const run = answers.slice(proof - given.passes + 1, proof + 1);
        assert.equal(run.length, given.passes);
        assert.ok(run.every(({ healthy }) => healthy));
      }),
    );
  });

  test("a service that only passes becomes healthy, and one that only fails does not", () => {
    fc.assert(
      fc.property(anyRules, fc.integer({ min: 1, max: 50 }), fc.boolean(), (given, interval, healthy) => {
        let watch = beginWatch(1000);
        let now = 1000;
        for (let count = 0; watch.verdict === undefined && count < 1000; count++) {
          now = Math.max(now + 1, nextProbe(watch, interval, given));
          watch = observed(watch, healthy, now, given);
        }
        const inTime = given.passes * interval <= given.deadline - interval;
        if (!healthy || inTime) assert.equal(watch.verdict, healthy ? "healthy" : "unhealthy");
      }),
    );
  });
});
