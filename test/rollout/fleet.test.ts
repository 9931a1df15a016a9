import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { never, update, type World, world } from "./hosts.ts";

const downtime = 10_000;
/** So many steps of the clock are more than any of these fleets needs. */
const turns = 5_000_000;

interface Fleet {
  /** Hosts that want the release. */
  readonly hosts: number;
  /** Hosts that gave a sign of life before; those beyond `hosts` are off. */
  readonly reported: number;
  readonly limit: number;
  /** 0: the store can be watched. */
  readonly pace: number;
}

interface Costs {
  /** Against the times down, one after another, divided by the limit. */
  readonly time: number;
  /** Of one host, on the average. */
  readonly requests: number;
  readonly conflicts: number;
}

/** One release that all hosts find at the same moment. */
async function rollOut({ hosts, reported, limit, pace }: Fleet): Promise<Costs> {
  const fleet = world({ pace });
  await allReport(fleet, reported);
  const { counts } = fleet.store;
  const before = { ...counts };
  const begun = fleet.clock.monotonic();
  const all = Array.from({ length: hosts }, (_, number) => fleet.host(nameOf(number), { limit: { count: limit } }));

  await fleet.clock.run(Promise.all(all.map((host) => update(fleet, host, { downtime }))), undefined, turns);

  assert.equal(fleet.record().ok.count, hosts);
  assert.equal(fleet.most, limit);
  const of = (verb: keyof typeof counts) => (counts[verb] - before[verb]) / hosts;
  return {
    time: (fleet.clock.monotonic() - begun) / ((hosts * downtime) / limit),
    requests: of("read") + of("watch") + of("swap") + of("list"),
    conflicts: of("conflict"),
  };
}

async function allReport(fleet: World, count: number): Promise<void> {
  const report = { format: 1, service: "web", every: 300_000, agent: "1", state: "idle", floor: 0 } as const;
  const reports = Array.from({ length: count }, (_, number) => {
    const host = nameOf(number);
    return fleet.host(host).report({ ...report, host, at: fleet.clock.wall() }, never);
  });
  await fleet.clock.run(Promise.all(reports), undefined, turns);
}

const nameOf = (number: number) => `web-${number}`;

/** The most that one host may cost on the average, and how long the whole may take. */
const bounds = [
  { kind: "can be watched", pace: 0, limit: 1, time: 1.05, requests: 80, conflicts: 2 },
  { kind: "can be watched", pace: 0, limit: 10, time: 1.1, requests: 100, conflicts: 5 },
  // It waits for its turn for 1,000 s on the average, and asks 20 times while that is near.
  { kind: "is asked every 2 s", pace: 2000, limit: 1, time: 1.1, requests: 160, conflicts: 0.5 },
  { kind: "is asked every 2 s", pace: 2000, limit: 10, time: 1.2, requests: 80, conflicts: 2 },
];

describe("a fleet", () => {
  for (const { kind, pace, limit, time, requests, conflicts } of bounds) {
    it(`79: 200 hosts at once finish, ${limit} at a time, through a store that ${kind}`, async () => {
      const costs = await rollOut({ hosts: 200, reported: 200, limit, pace });

      assert.ok(costs.time <= time, `it took ${costs.time} of the ideal`);
      assert.ok(costs.requests <= requests, `${costs.requests} requests of each host`);
      assert.ok(costs.conflicts <= conflicts, `${costs.conflicts} conflicts of each host`);
    });
  }

  it("79: eight times the hosts ask no more each", async () => {
    const small = await rollOut({ hosts: 25, reported: 25, limit: 4, pace: 0 });
    const large = await rollOut({ hosts: 200, reported: 200, limit: 4, pace: 0 });

    assert.ok(large.requests <= 1.25 * small.requests, `${small.requests}, then ${large.requests}`);
    assert.ok(large.conflicts <= small.conflicts + 0.5, `${small.conflicts}, then ${large.conflicts}`);
  });

  it("79: thirty times the limit asks no more of each host, for only a few of them are next", async () => {
    const costs = await rollOut({ hosts: 200, reported: 200, limit: 30, pace: 0 });

    assert.ok(costs.requests <= 80, `${costs.requests} requests of each host`);
    assert.ok(costs.conflicts <= 4, `${costs.conflicts} conflicts of each host`);
  });

  it("79: a third of the hosts is off, and the others go on all the same", async () => {
    const costs = await rollOut({ hosts: 200, reported: 300, limit: 4, pace: 0 });

    assert.ok(costs.time <= 1.3, `it took ${costs.time} of the ideal`);
    assert.ok(costs.requests <= 60, `${costs.requests} requests of each host`);
  });

  it("79: hosts that nobody counted come all at once, and still finish in time", async () => {
    const costs = await rollOut({ hosts: 100, reported: 0, limit: 4, pace: 0 });

    // All of them think that it is their turn.
    assert.ok(costs.time <= 1.1, `it took ${costs.time} of the ideal`);
    assert.ok(costs.conflicts <= 30, `${costs.conflicts} conflicts of each host`);
  });
});
