import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Waiting } from "../../src/domain/rollout/waiting.ts";
import { bad, good, never, request, space, update, world } from "./hosts.ts";

const held = { attempt: "one", digest: good };
const ended = { ...held, outcome: "ok", reason: "", retract: false } as const;
const minute = 60_000;

/** The numbers tell which fault of the design's table it is. */
describe("a fleet that loses hosts and clocks", () => {
  it("72: a holder without a sign of life is lost, its slot is not reused, and it finishes when it is back", async () => {
    const fleet = world();
    const stopped = fleet.host("web-0");
    await fleet.clock.run(stopped.acquire(request("one"), never, () => {}));
    stopped.beat("one")[Symbol.dispose]();
    await fleet.clock.run(stopped.fence(held, never));
    const waits: Waiting[] = [];
    const second = update(fleet, fleet.host("web-1"), { waits });

    await fleet.clock.run(second, () => fleet.record().slots["web-0"]?.state === "lost");
    const lostAt = fleet.clock.monotonic();
    const halted = fleet.record();
    await fleet.clock.run(fleet.clock.sleep(20 * minute));
    const slots = Object.keys(fleet.record().slots);
    await fleet.clock.run(stopped.finish(ended, never));
    await fleet.clock.run(second);

    assert.ok(lostAt >= 300_000 && lostAt <= 450_000, `lost after ${lostAt} ms`);
    assert.deepEqual([halted.phase, halted.halt?.why, halted.denied], ["halted", "lost", []]);
    assert.deepEqual(slots, ["web-0"], "nobody took the slot in twenty minutes");
    assert.deepEqual(fleet.record().ok.hosts, ["web-0", "web-1"]);
    assert.ok(waits.some(({ why }) => why === "halted"));
  });

  it("72: a holder that was lost must fence again, and is refused while the rollout is halted", async () => {
    const fleet = world();
    const stopped = fleet.host("web-0");
    await fleet.clock.run(stopped.acquire(request("one"), never, () => {}));
    const second = update(fleet, fleet.host("web-1"));
    await fleet.clock.run(second, () => fleet.record().slots["web-0"]?.state === "lost");

    const fenced = await fleet.clock.run(stopped.fence(held, never));

    assert.equal(fenced?.outcome, "refused");
  });

  it("72: a holder that was stopped after its fence asks again, and is answered by another write", async () => {
    const fleet = world();
    const host = fleet.host("web-0");
    await fleet.clock.run(host.acquire(request("one"), never, () => {}));
    const first = await fleet.clock.run(host.fence(held, never));

    const again = await fleet.clock.run(host.fence(held, never));

    assert.ok(first?.outcome === "fenced" && again?.outcome === "fenced", "both fences are passed");
    assert.ok(again.seq > first.seq);
  });

  it("72: a holder whose beats arrive is never lost, however long it takes", async () => {
    const fleet = world();

    await fleet.clock.run(
      Promise.all([
        update(fleet, fleet.host("web-0"), { downtime: 60 * minute }),
        update(fleet, fleet.host("web-1"), { downtime: 60 * minute }),
      ]),
    );

    assert.ok(!(fleet.store.history.get(space.record) ?? []).some((text) => text.includes('"lost"')));
    assert.equal(fleet.most, 1);
  });

  it("72: nobody is lost because the store was away for longer than holders may be silent", async () => {
    const fleet = world();
    fleet.clock.at(2 * minute, () => {
      fleet.store.down = true;
    });
    fleet.clock.at(30 * minute, () => {
      fleet.store.down = false;
    });

    await fleet.clock.run(
      Promise.all([
        update(fleet, fleet.host("web-0"), { downtime: 40 * minute }),
        update(fleet, fleet.host("web-1"), { downtime: 40 * minute }),
      ]),
    );

    assert.ok(!(fleet.store.history.get(space.record) ?? []).some((text) => text.includes('"lost"')));
    assert.equal(fleet.record().ok.count, 2);
  });

  it("72: nobody with little patience is lost, either, because the store was away", async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const fleet = world({ seed });
      const short = { lostAfter: 90_000 };
      fleet.clock.at(2 * minute, () => {
        fleet.store.down = true;
      });
      fleet.clock.at(4 * minute, () => {
        fleet.store.down = false;
      });

      await fleet.clock.run(
        Promise.all([
          update(fleet, fleet.host("web-0", short), { downtime: 10 * minute }),
          update(fleet, fleet.host("web-1", short), { downtime: 10 * minute }),
        ]),
      );

      const lost = (fleet.store.history.get(space.record) ?? []).some((text) => text.includes('"lost"'));
      assert.ok(!lost, `somebody was called lost, with seed ${seed}`);
    }
  });

  it("73: a wall clock that is set back keeps no lost holder alive", async () => {
    const fleet = world();
    const stopped = fleet.host("web-0");
    await fleet.clock.run(stopped.acquire(request("one"), never, () => {}));
    stopped.beat("one")[Symbol.dispose]();
    fleet.clock.at(2 * minute, () => fleet.clock.jump(-60 * minute));
    const second = update(fleet, fleet.host("web-1"));

    await fleet.clock.run(
      second,
      () => fleet.record().slots["web-0"]?.state === "lost" || fleet.clock.monotonic() > 30 * minute,
    );

    assert.equal(fleet.record().slots["web-0"]?.state, "lost");
    assert.ok(fleet.clock.monotonic() <= 450_000, `lost after ${fleet.clock.monotonic()} ms`);
  });

  it("73: a wall clock that jumps by ten years makes nobody lost and no slot free", async () => {
    const fleet = world();
    fleet.clock.at(minute, () => fleet.clock.jump(10 * 365 * 24 * 60 * minute));
    fleet.clock.at(5 * minute, () => fleet.clock.jump(-20 * 365 * 24 * 60 * minute));

    await fleet.clock.run(
      Promise.all([
        update(fleet, fleet.host("web-0"), { downtime: 10 * minute }),
        update(fleet, fleet.host("web-1"), { downtime: 10 * minute }),
      ]),
    );

    assert.equal(fleet.most, 1);
    assert.ok(!(fleet.store.history.get(space.record) ?? []).some((text) => text.includes('"lost"')));
  });

  it("74: a restored host whose old attempt was finished by its later self is not let past the fence", async () => {
    const fleet = world();
    await fleet.clock.run(update(fleet, fleet.host("web-1"), { attempt: "one" }));

    const fenced = await fleet.clock.run(fleet.host("web-1").fence(held, never));

    assert.equal(fenced?.outcome, "refused");
  });

  it("74: a slot in this host's name that it knows nothing of is left alone, and said", async () => {
    const fleet = world();
    await fleet.clock.run(fleet.host("web-1").acquire(request("of a clone"), never, () => {}));
    const waits: Waiting[] = [];
    const second = update(fleet, fleet.host("web-1"), { waits });

    await fleet.clock.run(second, () => waits.length > 0);

    assert.equal(waits[0]?.why, "not-mine");
    assert.equal(fleet.record().slots["web-1"]?.attempt, "of a clone");
  });

  it("74: a host alone that was built anew takes over the slot in its name once nobody beats for it any more", async () => {
    const fleet = world();
    await fleet.clock.run(fleet.host("web-1").acquire(request("of the machine before"), never, () => {}));
    const rebuilt = update(fleet, fleet.host("web-1", { failureBudget: 1 }), { digest: bad });
    const begun = fleet.clock.monotonic();

    await fleet.clock.run(rebuilt, () => fleet.clock.monotonic() > 60 * minute);

    assert.deepEqual(fleet.record().ok.hosts, ["web-1"]);
    assert.ok(fleet.clock.monotonic() - begun >= 300_000, "not before the observers' patience is over");
  });

  it("74: a clone that beats keeps the slot, and the other machine of its name says why it waits for ever", async () => {
    const fleet = world();
    const clone = fleet.host("web-1");
    await fleet.clock.run(clone.acquire(request("of a clone"), never, () => {}));
    using _beat = clone.beat("of a clone");
    const waits: Waiting[] = [];
    const other = update(fleet, fleet.host("web-1"), { digest: bad, waits });

    await fleet.clock.run(other, () => fleet.clock.monotonic() > 60 * minute);

    assert.deepEqual(
      waits.map(({ why }) => why),
      ["not-mine"],
    );
    assert.match(waits[0]?.remedy ?? "", /forget/);
  });
});
