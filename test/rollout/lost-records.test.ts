import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Waiting } from "../../src/domain/rollout/waiting.ts";
import { operate } from "../../src/rollout/operate.ts";
import { bad, good, never, request, space, update, world } from "./hosts.ts";

const held = { attempt: "one", digest: good };
const minute = 60_000;

/** The numbers tell which fault of the design's table it is. */
describe("a fleet that loses its record or hosts for ever, or is given another limit", () => {
  it("76: a record that was removed is never made anew, not even by a host that knows nothing of it", async () => {
    const fleet = world();
    const host = fleet.host("web-1");
    await fleet.clock.run(update(fleet, host));
    const floor = fleet.record().seq;
    const report = {
      format: 1,
      service: "web",
      at: fleet.clock.wall(),
      every: 300_000,
      agent: "1",
      state: "idle",
    } as const;
    await fleet.clock.run(host.report({ ...report, host: "web-1", floor }, never));
    fleet.store.set(space.record, undefined);
    const waits: Waiting[] = [];
    const known = update(fleet, fleet.host("web-1", {}, floor), { digest: bad, waits });
    const fresh = update(fleet, fleet.host("web-2"), { digest: bad, waits });

    await fleet.clock.run(Promise.race([known, fresh]), () => fleet.clock.monotonic() > 30 * minute);

    assert.equal(fleet.store.text(space.record), undefined);
    assert.deepEqual(
      waits.map(({ why }) => why),
      ["record-vanished", "record-vanished"],
    );

    await fleet.clock.run(operate(fleet.desk, { type: "retry" }, never));
    const mended = fleet.record().seq;
    await fleet.clock.run(Promise.all([known, fresh]));

    assert.ok(mended > floor, "the new record goes above the one that vanished");
    assert.equal(fleet.record().ok.count, 2);
  });

  it("76: a host that saw a record makes none anew, even if nobody else knows of it", async () => {
    const fleet = world();
    await fleet.clock.run(update(fleet, fleet.host("web-1")));
    const floor = fleet.record().seq;
    fleet.store.set(space.record, undefined);
    const waits: Waiting[] = [];
    const known = update(fleet, fleet.host("web-1", {}, floor), { digest: bad, waits });

    await fleet.clock.run(known, () => fleet.clock.monotonic() > 30 * minute);

    assert.equal(fleet.store.text(space.record), undefined, "nobody made a record");
    assert.deepEqual(
      waits.map(({ why }) => why),
      ["record-vanished"],
    );
  });

  it("76: a process that begins anew remembers what its host saw: nothing is fenced by an older record or told to it", async () => {
    const fleet = world();
    await fleet.clock.run(fleet.host("web-1").acquire(request("one"), never, () => {}));
    const copy = fleet.store.text(space.record);
    await fleet.clock.run(operate(fleet.desk, { type: "halt", reason: "it is bad" }, never));
    const floor = fleet.record().seq;
    fleet.store.set(space.record, copy);
    const again = fleet.host("web-1", {}, floor);

    const fenced = await fleet.clock.run(again.fence(held, never));
    const finished = await fleet.clock.run(
      again.finish({ ...held, outcome: "released", reason: "", retract: false }, never),
    );

    assert.match(fenced?.outcome === "refused" ? fenced.failure.sentence : "", /went back/);
    assert.equal(finished?.outcome === "later" && finished.problem.code, "record-vanished");
    await assert.rejects(fleet.clock.run(again.look(never)), /went back/);
    assert.equal(fleet.store.text(space.record), copy);
  });

  it("76: a record restored from a copy stops the hosts that saw a later one", async () => {
    const fleet = world();
    await fleet.clock.run(fleet.host("web-0").acquire(request("one"), never, () => {}));
    const copy = fleet.store.text(space.record);
    const host = fleet.host("web-0");
    await fleet.clock.run(host.fence(held, never));
    fleet.store.set(space.record, copy);

    const fenced = await fleet.clock.run(host.fence(held, never));

    assert.equal(fenced?.outcome, "refused");
    assert.match(fenced?.outcome === "refused" ? fenced.failure.sentence : "", /went back/);
  });

  it("76: one old answer of a store with several servers is no vanished record", async () => {
    const fleet = world();
    const host = fleet.host("web-1");
    await fleet.clock.run(update(fleet, host));
    fleet.store.stale = 1;
    const waits: Waiting[] = [];

    await fleet.clock.run(update(fleet, host, { digest: bad, waits }));

    assert.deepEqual(waits, []);
  });

  it("77: hosts with another limit in their configuration keep to the one in the record", async () => {
    const fleet = world();
    const hosts = Array.from({ length: 8 }, (_, number) =>
      fleet.host(`web-${number}`, { limit: { count: number % 2 === 0 ? 1 : 4 }, canary: 0 }),
    );
    await fleet.clock.run(fleet.host("web-0").acquire(request("web-0-aaaa"), never, () => {}));

    await fleet.clock.run(Promise.all(hosts.map((host) => update(fleet, host))));

    assert.equal(fleet.most, 1);
    assert.equal(fleet.record().plan.limit, 1);
    assert.equal(fleet.record().ok.count, 8);
  });

  it("77: a limit that an operator changes holds for the slots to come", async () => {
    const fleet = world();
    const hosts = Array.from({ length: 12 }, (_, number) => fleet.host(`web-${number}`, { canary: 0 }));
    const all = Promise.all(hosts.map((host) => update(fleet, host, { downtime: minute })));
    await fleet.clock.run(all, () => fleet.store.text(space.record) !== undefined && fleet.record().ok.count >= 3);
    const narrow = fleet.most;

    await fleet.clock.run(operate(fleet.desk, { type: "set-limit", limit: 3 }, never));
    await fleet.clock.run(all);

    assert.deepEqual([narrow, fleet.most], [1, 3]);
    assert.equal(fleet.record().ok.count, 12);
  });

  it("78: a host that is gone for ever keeps its slot until an operator forgets it", async () => {
    const fleet = world();
    await fleet.clock.run(fleet.host("gone").acquire(request("one"), never, () => {}));
    const second = update(fleet, fleet.host("web-1"));
    await fleet.clock.run(second, () => fleet.record().phase === "halted");

    await fleet.clock.run(operate(fleet.desk, { type: "forget", host: "gone" }, never));
    await fleet.clock.run(operate(fleet.desk, { type: "resume" }, never));
    const fenced = await fleet.clock.run(second);

    assert.equal(fenced, "fenced");
    assert.deepEqual(fleet.record().slots, {});
  });

  it("78: a host that an operator forgets counts in no rollout that begins in the same moment", async () => {
    const fleet = world();
    const gone = fleet.host("gone");
    const at = fleet.clock.wall();
    const report = { format: 1, host: "gone", service: "web", at, every: 300_000, agent: "1", state: "idle" } as const;
    await fleet.clock.run(gone.report({ ...report, floor: 0 }, never));
    await fleet.clock.run(gone.acquire(request("one"), never, () => {}));
    const key = `${space.reports}gone`;
    let reported: string | undefined = "never asked";
    const swap: typeof fleet.store.swap = (...given) => {
      reported = fleet.store.text(key);
      return fleet.store.swap(...given);
    };

    await fleet.clock.run(
      operate({ ...fleet.desk, store: { ...fleet.store, swap } }, { type: "forget", host: "gone" }, never),
    );

    assert.equal(reported, undefined, "its report is gone before the record lets it go");
    assert.deepEqual(fleet.record().slots, {});
  });
});
