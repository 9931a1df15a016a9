import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Waiting } from "../../src/domain/rollout/waiting.ts";
import { good, never, request, update, world } from "./hosts.ts";

const held = { attempt: "one", digest: good };
const ended = { ...held, outcome: "ok", reason: "", retract: false } as const;
const minute = 60_000;

/** The numbers tell which fault of the design's table it is. */
describe("a store that is away, or whose answers are lost", () => {
  it("67: no update starts while the store is down, and it starts by itself afterwards", async () => {
    const fleet = world();
    fleet.store.down = true;
    fleet.clock.at(10 * minute, () => {
      fleet.store.down = false;
    });
    const waits: Waiting[] = [];

    const fenced = await fleet.clock.run(update(fleet, fleet.host("web-1"), { waits }));

    assert.equal(fenced, "fenced");
    assert.deepEqual(
      waits.map(({ why }) => why),
      ["store"],
    );
    assert.ok(fleet.clock.monotonic() >= 10 * minute);
  });

  it("68: a store that dies after the slot was taken refuses the switch, within 30 s", async () => {
    const fleet = world();
    const host = fleet.host("web-1");
    await fleet.clock.run(host.acquire(request("one"), never, () => {}));
    fleet.store.down = true;
    const begun = fleet.clock.monotonic();

    const fenced = await fleet.clock.run(host.fence(held, never));

    assert.equal(fenced?.outcome, "refused");
    assert.ok(fleet.clock.monotonic() - begun <= 30_100);
  });

  it("69: an outcome that the store does not take is owed, and taken later", async () => {
    const fleet = world();
    const host = fleet.host("web-1");
    await fleet.clock.run(host.acquire(request("one"), never, () => {}));
    await fleet.clock.run(host.fence(held, never));
    fleet.store.down = true;

    const later = await fleet.clock.run(host.finish(ended, never));
    const kept = fleet.record().slots["web-1"]?.attempt;
    fleet.store.down = false;
    const reported = await fleet.clock.run(host.finish(ended, never));

    assert.equal(later?.outcome, "later");
    assert.equal(kept, "one");
    assert.deepEqual(reported, { outcome: "reported", seq: fleet.record().seq });
    assert.deepEqual([fleet.record().slots, fleet.record().ok.count], [{}, 1]);
  });

  it("70: answers that are lost are read back: one slot, one fence, one outcome", async () => {
    const fleet = world();
    for (let times = 0; times < 4; times += 1) fleet.store.faults.push("lost-answer");

    const fenced = await fleet.clock.run(update(fleet, fleet.host("web-1")));

    assert.equal(fenced, "fenced");
    assert.equal(fleet.record().seq, 4, "start, acquire, fence and finish: each was written once");
    assert.deepEqual(fleet.record().ok, { count: 1, hosts: ["web-1"] });
  });

  it("70: a fence whose question was lost is asked again: its answer is in the record", async () => {
    const fleet = world();
    const host = fleet.host("web-1");
    await fleet.clock.run(host.acquire(request("one"), never, () => {}));
    fleet.store.faults.push({ late: 10 * minute });

    const fenced = await fleet.clock.run(host.fence(held, never));

    assert.equal(fenced?.outcome, "fenced");
    assert.equal(fleet.record().slots["web-1"]?.state, "switching", "whoever passed the fence stands in the record");
  });

  it("70: a failure whose answer was lost is counted once", async () => {
    const fleet = world();
    const host = fleet.host("web-1");
    await fleet.clock.run(host.acquire(request("one"), never, () => {}));
    await fleet.clock.run(host.fence(held, never));
    fleet.store.faults.push("lost-answer");

    await fleet.clock.run(host.finish({ ...ended, outcome: "failed" }, never));
    await fleet.clock.run(host.finish({ ...ended, outcome: "failed", retract: true }, never));

    assert.equal(fleet.record().failed.length, 1);
    assert.equal(fleet.record().phase, "halted");
  });

  it("71: an acquire that arrives after its host gave up misses, once it was retracted", async () => {
    const fleet = world();
    const host = fleet.host("web-1");
    await fleet.clock.run(update(fleet, fleet.host("web-0")));
    fleet.store.faults.push({ late: minute });
    const giving = new AbortController();
    const acquiring = host.acquire(request("one"), giving.signal, () => giving.abort(new Error("stopped")));

    await assert.rejects(fleet.clock.run(acquiring), /stopped/);
    await fleet.clock.run(host.finish({ ...ended, outcome: "released", retract: true }, never));
    await fleet.clock.run(fleet.clock.sleep(2 * minute));

    assert.deepEqual(fleet.record().slots, {});
  });

  it("71: an acquire that arrives before its host gave up is found and given back", async () => {
    const fleet = world();
    const host = fleet.host("web-1");
    await fleet.clock.run(update(fleet, fleet.host("web-0")));
    fleet.store.faults.push("lost-answer");
    const giving = new AbortController();
    const acquiring = host.acquire(request("one"), giving.signal, () => giving.abort(new Error("stopped")));
    await assert.rejects(fleet.clock.run(acquiring), /stopped/);
    assert.equal(fleet.record().slots["web-1"]?.attempt, "one");

    await fleet.clock.run(host.finish({ ...ended, outcome: "released", retract: true }, never));

    assert.deepEqual(fleet.record().slots, {});
  });

  it("71: a write that arrives twice counts once", async () => {
    const fleet = world();
    for (let times = 0; times < 4; times += 1) fleet.store.faults.push({ again: 10 });

    await fleet.clock.run(update(fleet, fleet.host("web-1")));
    await fleet.clock.run(fleet.clock.sleep(minute));

    assert.equal(fleet.record().seq, 4);
    assert.deepEqual(fleet.record().ok, { count: 1, hosts: ["web-1"] });
  });
});
