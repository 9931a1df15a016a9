import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { attemptBackoff, backoffLeft, longestAttemptBackoff } from "../../src/domain/attempt-backoff.ts";
import { deniedFor, deniedLimit, deny } from "../../src/domain/denied-release.ts";
import { failure } from "../../src/domain/failures/failure.ts";
import { nextMove, rollbackTarget } from "../../src/update/next-move.ts";
import type { UpdateRecord } from "../../src/update/record.ts";
import {
  acquainted,
  attempting,
  blankState,
  committed,
  forgiven,
  paused,
  pinned,
  recognised,
  resumed,
  type ServiceState,
  settled,
  unpinned,
  unproven,
} from "../../src/update/service-state.ts";
import { digestOf, markerOf, releaseOf } from "./world.ts";

const reason = failure("service-unhealthy", { service: "web", reason: "no." }).note;
const now = { waitLeft: 0, asked: false } as const;
const running = recognised(blankState("web"), releaseOf("a"));

function ended(change: Partial<UpdateRecord>): UpdateRecord {
  const fixed = { format: 1, id: "1", service: "web", intent: "update", state: "idle", starts: 0 } as const;
  return { ...fixed, attempt: 1, startedAt: 1000, endedAt: 5000, evidence: [], ...change };
}

const rolledBack = (letter: string) =>
  ended({
    outcome: "rolled-back",
    blame: "content",
    failure: reason,
    marker: markerOf(letter),
    target: releaseOf(letter),
    previous: releaseOf("a"),
  });

const toB = ended({ outcome: "updated", marker: markerOf("b"), target: releaseOf("b"), previous: releaseOf("a") });

describe("after a check", () => {
  test("the upload that runs is left alone, another one is taken", () => {
    assert.equal(nextMove(running, { ...now, marker: markerOf("a") }).move, "nothing");
    assert.deepEqual(nextMove(running, { ...now, marker: markerOf("b") }), { move: "update", marker: markerOf("b") });
    assert.equal(nextMove(running, { ...now, marker: undefined }).move, "nothing");
  });

  test("what went bad is refused until the object changes or the operator says retry", () => {
    const state = settled(running, rolledBack("b"), 0);

    const move = nextMove(state, { ...now, marker: markerOf("b"), asked: true });

    assert.deepEqual(move, { move: "hold", why: "denied", marker: markerOf("b"), reason });
    assert.equal(nextMove(state, { ...now, marker: markerOf("c") }).move, "update");
    assert.equal(nextMove(forgiven(state), { ...now, marker: markerOf("b") }).move, "update");
    assert.equal(nextMove(forgiven(running), { ...now, marker: markerOf("a") }).move, "nothing");
  });

  test("a bad archive is not fetched again, and retry forgives it", () => {
    const broken = ended({ outcome: "aborted", blame: "content", failure: reason, marker: markerOf("b") });
    const state = settled(running, broken, 0);

    assert.equal(nextMove(state, { ...now, marker: markerOf("b") }).move, "hold");
    assert.equal(state.aborts, 0, "there is nothing to wait for");
    assert.equal(nextMove(forgiven(state), { ...now, marker: markerOf("b") }).move, "update");
  });

  test("the operator's words hold a service: pin, pause; a broken one and one that waits go on when asked", () => {
    const hold = (state: ServiceState, asked = false) => {
      const waitLeft = backoffLeft(state.notBefore, 10_000);
      const move = nextMove(state, { waitLeft, marker: markerOf("b"), asked });
      return move.move === "hold" ? move.why : move.move;
    };
    const waiting = settled(running, ended({ outcome: "aborted", blame: "host", endedAt: 9000 }), 0.5);
    const broken = settled(running, ended({ outcome: "broken", blame: "host", failure: reason, endedAt: 1 }), 0);

    assert.equal(hold(pinned(running, "x"), true), "pinned");
    assert.equal(hold(pinned(settled(running, rolledBack("b"), 0), "x")), "pinned", "whatever is offered");
    assert.equal(hold(unpinned(pinned(running, "x"))), "update");
    assert.equal(hold(paused(running), true), "paused");
    assert.equal(hold(resumed(paused(running))), "update");
    assert.equal(hold(waiting), "backing-off");
    assert.equal(hold(waiting, true), "update");
    assert.equal(hold(broken), "broken");
    assert.equal(hold(broken, true), "update");
    assert.equal(hold(forgiven(broken)), "update");
  });

  test("what the config's hash speaks for is not installed over itself", () => {
    const facts = { ...now, marker: markerOf("a"), knownHash: "A" };

    const move = nextMove(blankState("web"), facts);

    assert.equal(move.move, "acquaint");
    const state = acquainted(blankState("web"), markerOf("a"));
    assert.equal(nextMove(state, facts).move, "nothing");
    assert.equal(nextMove(state, { ...facts, marker: markerOf("b") }).move, "update");
  });
});

test("content that comes again under another name is remembered under that name (same bytes, other ETag)", () => {
  const state = settled(running, ended({ outcome: "unchanged", marker: markerOf("z"), target: releaseOf("a") }), 0);

  assert.equal(nextMove(state, { ...now, marker: markerOf("z") }).move, "nothing");
});

describe("an update that ended", () => {
  test("as committed makes the release current and good, and forgives all that came before", () => {
    const before = settled(settled(running, rolledBack("b"), 0), ended({ outcome: "aborted", blame: "host" }), 0);

    const state = committed(before, toB, 5000);

    assert.equal(state.current?.id, releaseOf("b").id);
    assert.deepEqual(state.good, [releaseOf("a").id, releaseOf("b").id]);
    assert.deepEqual(state.denied, []);
    assert.equal(state.aborts, 0);
    assert.equal(state.notBefore, undefined);
    assert.deepEqual(settled(state, toB, 0), state);
  });

  test("by hand with another release keeps the one that was left from coming back by itself", () => {
    const onB = committed(running, toB, 5000);
    const back = ended({
      intent: "activate",
      leaves: true,
      outcome: "updated",
      target: releaseOf("a"),
      previous: releaseOf("b"),
    });

    const state = committed(onB, back, 9000);

    const move = nextMove(state, { ...now, marker: markerOf("b") });
    assert.equal(move.move === "hold" && move.reason?.code, "left-by-operator");
    assert.equal(nextMove(forgiven(state), { ...now, marker: markerOf("b") }).move, "update");
  });

  test("by hand with the release that runs, or a newer one, says nothing against what was left", () => {
    const [a, b] = [releaseOf("a", 1), releaseOf("b", 2)];
    const onB = committed(running, { ...toB, target: b, previous: a }, 5000);
    const again = ended({ intent: "activate", leaves: true, outcome: "updated", target: b, previous: a });
    const back = ended({ intent: "activate", leaves: true, outcome: "updated", target: a, previous: b });

    const forward = committed(committed(onB, back, 9000), { ...again, previous: a }, 9500);

    assert.deepEqual(committed(onB, again, 9000).denied, []);
    assert.deepEqual(forward.denied, []);
    assert.equal(rollbackTarget(forward, [a, b])?.id, a.id);
  });

  test("with a bad release still at the destination is no good one, and not up to date", () => {
    const broken = settled(running, { ...rolledBack("b"), outcome: "broken" }, 0);

    const state = recognised(broken, releaseOf("b"));

    assert.deepEqual(state.good, [releaseOf("a").id]);
    assert.equal(nextMove(state, { ...now, marker: markerOf("b") }).move, "hold");
    assert.equal(rollbackTarget(state, [releaseOf("a"), releaseOf("b")])?.id, releaseOf("a").id);
  });

  test("that broke by the host's fault proves nothing of the release it left there", () => {
    const toB = ended({ outcome: "broken", blame: "host", target: releaseOf("b"), marker: markerOf("b") });
    const broken = settled(running, { ...toB, previous: releaseOf("a") }, 0);

    const state = recognised(broken, releaseOf("b"));

    assert.deepEqual(broken.denied, []);
    assert.equal(unproven(running), undefined);
    assert.equal(unproven(state)?.id, releaseOf("b").id);
    assert.equal(unproven(forgiven(state))?.id, releaseOf("b").id, "until it is started once more");
  });

  test("as rolled back or withdrawn says what runs, and denies the content", () => {
    const state = settled(running, rolledBack("b"), 0);
    assert.equal(state.current?.id, releaseOf("a").id);
    assert.ok(deniedFor(state.denied, { digest: digestOf("b") }));

    const { previous: _, ...first } = rolledBack("b");
    const empty = settled(blankState("web"), { ...first, outcome: "withdrawn" }, 0);
    assert.equal(empty.current, undefined);
    assert.deepEqual(empty.good, []);
  });

  test("as postponed or superseded changes nothing", () => {
    assert.deepEqual(settled(running, ended({ outcome: "postponed" }), 0), running);
    assert.deepEqual(settled(running, ended({ outcome: "superseded" }), 0), running);
  });
});

test("attempts at one content are counted, another content begins anew", () => {
  const once = attempting(running, markerOf("b"), undefined);
  const twice = attempting(once, markerOf("b"), undefined);

  assert.equal(once.tried?.times, 1);
  assert.equal(twice.tried?.times, 2);
  assert.equal(attempting(twice, markerOf("c"), undefined).tried?.times, 1);
});

test("waits grow with each abort, are spread, end at an hour and do not trust the wall clock", () => {
  let state = running;
  const waits: number[] = [];
  for (let aborts = 0; aborts < 12; aborts += 1) {
    state = settled(state, ended({ outcome: "aborted", blame: "host", endedAt: 0 }), 1);
    waits.push(state.notBefore ?? 0);
  }
  assert.deepEqual(waits.slice(0, 4), [30_000, 60_000, 120_000, 240_000]);
  assert.equal(waits.at(-1), longestAttemptBackoff);
  assert.equal(backoffLeft(1e15, 0), 0, "the clock was set back by years");
  assert.equal(backoffLeft(1000, 1e15), 0, "the clock was set forward by years");
  fc.assert(
    fc.property(fc.nat(1000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (aborts, fraction) => {
      const wait = attemptBackoff(aborts, fraction);
      assert.ok(wait >= 0 && wait <= longestAttemptBackoff);
      assert.ok(aborts === 0 || wait >= 15_000);
    }),
  );
});

test("the list of denied contents is bounded and holds each content once", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(80), { maxLength: 300 }), (contents) => {
      const denied = contents.reduce(
        (list, content) => deny(list, { digest: `${content}`, reason, at: 1 }),
        [] as ReturnType<typeof deny>,
      );
      assert.ok(denied.length <= deniedLimit);
      assert.equal(new Set(denied.map(({ digest }) => digest)).size, denied.length);
      const last = contents.at(-1);
      assert.ok(last === undefined || deniedFor(denied, { digest: `${last}` }));
    }),
  );
});

test("a rollback goes to the last good release on disk that is neither current nor denied", () => {
  const [a, b, c] = [releaseOf("a"), releaseOf("b"), releaseOf("c")] as const;
  const state = { ...running, current: c, good: [a.id, b.id, c.id] };

  assert.equal(rollbackTarget(state, [a, b, c])?.id, b.id);
  assert.equal(rollbackTarget(state, [a, c])?.id, a.id);
  assert.equal(rollbackTarget({ ...state, denied: [{ digest: b.digest, reason, at: 1 }] }, [a, b, c])?.id, a.id);
  assert.equal(rollbackTarget(state, [c]), undefined);
});
