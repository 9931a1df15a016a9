import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Retention, releasesToRemove } from "../../src/domain/retention.ts";

const none: ReadonlySet<string> = new Set();
const named = (...ids: readonly string[]) => ids.map((id, index) => ({ id, digest: id, size: 1, stagedAt: index }));
const kept: Retention = {
  releases: named("a", "b", "c", "d", "e"),
  current: "e",
  rollbackTarget: "d",
  pinned: none,
  good: ["a", "b", "c", "d", "e"],
  evidence: none,
  keepReleases: 3,
  scarce: false,
};

/** Any number of releases, in any order, with any of them in any role. */
const anyRetention: fc.Arbitrary<Retention> = fc
  .uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 12 })
  .chain((ages) => {
    const releases = ages.map((age) => ({ id: `r${age}`, digest: "", size: 1, stagedAt: age % 10 }));
    const ids = releases.map(({ id }) => id);
    const some = fc.subarray(ids).map((chosen): ReadonlySet<string> => new Set(chosen));
    const one = ids.length === 0 ? fc.constant(undefined) : fc.option(fc.constantFrom(...ids), { nil: undefined });
    return fc.record({
      releases: fc.constant(releases),
      current: one,
      rollbackTarget: one,
      pinned: some,
      good: fc.shuffledSubarray(ids),
      evidence: some,
      keepReleases: fc.integer({ min: 1, max: 6 }),
      scarce: fc.boolean(),
    });
  });

describe("the releases to remove", () => {
  test("are the oldest beyond keepReleases", () => {
    assert.deepEqual(releasesToRemove(kept), ["a", "b"]);
  });

  test("leave the rollback target however old it is", () => {
    assert.deepEqual(releasesToRemove({ ...kept, rollbackTarget: "a", keepReleases: 1 }), ["b", "c", "d"]);
  });

  test("leave the good ones that ran last, however long ago they were staged", () => {
    const good = ["c", "d", "e", "a", "b"];

    assert.deepEqual(releasesToRemove({ ...kept, good, current: "b", rollbackTarget: "a" }), ["c", "d"]);
  });

  test("leave good ones where newer ones went bad", () => {
    const good = ["a", "b"];

    assert.deepEqual(releasesToRemove({ ...kept, good, current: "b", rollbackTarget: "a" }), ["c", "d", "e"]);
  });

  test("leave one bad release for whoever wants to look at it", () => {
    const retention = { ...kept, good: ["a", "b"], evidence: new Set(["c", "d"]), current: "b" };

    assert.deepEqual(releasesToRemove({ ...retention, rollbackTarget: "a" }), ["c", "e"]);
    assert.deepEqual(releasesToRemove({ ...retention, rollbackTarget: "a", scarce: true }), ["c", "d", "e"]);
  });

  test("never are the current one, the rollback target or a pinned one", () => {
    fc.assert(
      fc.property(anyRetention, (retention) => {
        const removed = new Set(releasesToRemove(retention));

        for (const id of [retention.current, retention.rollbackTarget, ...retention.pinned]) {
          assert.ok(id === undefined || !removed.has(id));
        }
      }),
    );
  });

  test("leave no more than the bound, and nothing good is removed before it is reached", () => {
    fc.assert(
      fc.property(anyRetention, (retention) => {
        const removed = releasesToRemove(retention);
        const stay = retention.releases.filter(({ id }) => !removed.includes(id));
        const goodOnDisk = retention.releases.filter(({ id }) => retention.good.includes(id));
        const goodLeft = stay.filter(({ id }) => retention.good.includes(id));

        assert.ok(stay.length <= retention.keepReleases + 1 + 2 + retention.pinned.size);
        if (!retention.scarce) {
          assert.ok(goodLeft.length >= Math.min(goodOnDisk.length, retention.keepReleases));
        }
      }),
    );
  });

  test("do not depend on the order they are given in, and a second look finds nothing more", () => {
    fc.assert(
      fc.property(anyRetention, (retention) => {
        const removed = releasesToRemove(retention);
        const left = retention.releases.filter(({ id }) => !removed.includes(id));

        assert.deepEqual(releasesToRemove({ ...retention, releases: retention.releases.toReversed() }), removed);
        assert.deepEqual(releasesToRemove({ ...retention, releases: left }), []);
      }),
    );
  });
});
