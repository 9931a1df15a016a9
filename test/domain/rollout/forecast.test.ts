import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ForecastQuestion, forecast, worstCase } from "../../../src/domain/rollout/forecast.ts";
import { hostNames } from "./fleet-as-seen.ts";

function question(given: Partial<ForecastQuestion> = {}): ForecastQuestion {
  const plan = { limit: 1, canary: 1, failureBudget: 0 };
  const nothing = { hosts: hostNames(4), done: 0, stuck: 0, durations: new Map(), otherwise: 10 };
  return { ...nothing, plan, opens: (at) => at, ...given };
}

test("hosts go one after another, and each takes as long as it took before", () => {
  const { hosts, total } = forecast(question({ hosts: ["a", "b"], durations: new Map([["a", 30]]) }));

  assert.deepEqual(hosts, [
    { host: "a", start: 0, end: 30, canary: true, known: true },
    { host: "b", start: 30, end: 40, canary: false, known: false },
  ]);
  assert.equal(total, 40);
});

test("canaries go before all others, and no more of them at a time than are still to prove it", () => {
  const { hosts } = forecast(question({ plan: { limit: 3, canary: 2, failureBudget: 0 } }));

  assert.deepEqual(
    hosts.map(({ start, canary }) => [start, canary]),
    [
      [0, true],
      [0, true],
      [10, false],
      [10, false],
    ],
  );
});

test("slots that nobody frees are not given, and without any other nobody begins", () => {
  const one = forecast(question({ plan: { limit: 2, canary: 0, failureBudget: 0 }, stuck: 1 }));
  const none = forecast(question({ stuck: 1 }));

  assert.equal(one.total, 40);
  assert.deepEqual([none.hosts, none.unreached, none.total], [[], hostNames(4), 0]);
});

test("outside of a window nobody begins, and what has begun goes on", () => {
  // open from 5 to 12 and from 100 on
  const opens = (at: number) => (at < 5 ? 5 : at < 12 || at >= 100 ? at : 100);
  const { hosts } = forecast(question({ hosts: ["a", "b", "c"], opens }));

  assert.deepEqual(
    hosts.map(({ start, end }) => [start, end]),
    [
      [5, 15],
      [100, 110],
      [110, 120],
    ],
  );
});

test("without a window in sight nobody begins", () => {
  assert.deepEqual(forecast(question({ opens: () => Number.POSITIVE_INFINITY })).unreached, hostNames(4));
});

test("a release that is bad from a host on stops there, and those before it keep it", () => {
  const worst = worstCase(question(), 2);

  assert.deepEqual(worst, {
    place: 2,
    host: "web-3",
    haltsAt: 30,
    onRelease: ["web-1", "web-2"],
    wentBack: ["web-3"],
    untouched: ["web-4"],
  });
});

test("failures within the budget halt nothing", () => {
  const worst = worstCase(question({ plan: { limit: 1, canary: 0, failureBudget: 4 } }), 0);

  assert.deepEqual([worst?.haltsAt, worst?.wentBack.length], [undefined, 4]);
});

test("a host that never begins is no worst case", () => {
  assert.equal(worstCase(question(), 4), undefined);
});

test("whatever the fleet, never more hosts than the limit are under way, and everybody begins once", () => {
  const fleets = fc.record({
    hosts: fc.integer({ min: 0, max: 30 }),
    limit: fc.integer({ min: 1, max: 6 }),
    canary: fc.integer({ min: 0, max: 6 }),
    stuck: fc.integer({ min: 0, max: 2 }),
    durations: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 30, maxLength: 30 }),
  });
  fc.assert(
    fc.property(fleets, ({ hosts: count, limit, canary, stuck, durations }) => {
      const hosts = hostNames(count);
      const known = new Map(hosts.map((host, at) => [host, durations[at] ?? 1]));
      const plan = { limit, canary, failureBudget: 0 };
      const { hosts: told, unreached } = forecast(question({ hosts, plan, stuck, durations: known }));

      assert.deepEqual([...told.map(({ host }) => host), ...unreached], hosts);
      for (const { start } of told) {
        const down = told.filter((other) => other.start <= start && start < other.end);
        assert.ok(down.length + stuck <= limit);
      }
    }),
  );
});
