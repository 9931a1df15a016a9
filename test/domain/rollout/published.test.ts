import assert from "node:assert/strict";
import { test } from "node:test";
import type { RolloutEvent } from "../../../src/domain/rollout/events.ts";
import { acquires, ask, digestOf, ends, fences, play, starts } from "./play.ts";

/** What releases that are followed by channel or version ask of the rules. */

/** The event as it comes from a host that knows more. */
const knowing = (event: RolloutEvent, more: { proven: true } | { trusts: (key: string) => boolean }) =>
  ({ ...event, ...more }) as RolloutEvent;

const stable = (order: number) => ({ order, line: 'channel "stable" of "web"', signedBy: "0101010101010101" });
const beta = (order: number) => ({ order, line: 'channel "beta" of "web"' });

test("a promotion of an older version is a newer release, and what it replaced does not come back by itself", () => {
  const back = play(undefined, starts("y", stable(8)), starts("x", stable(9)));

  assert.equal(back.release?.digest, digestOf("x"));
  assert.deepEqual(ask(back, starts("y", stable(8))), { verdict: "refused", why: "outdated" });
  assert.equal(play(back, starts("y", stable(10))).release?.digest, digestOf("y"));
});

test("who follows another channel is not held up by the numbers of the one before, and neither is who comes back", () => {
  const other = play(undefined, starts("x", stable(9)), starts("y", beta(2)));
  const back = play(other, starts("x", stable(9)));

  assert.deepEqual([other.release?.digest, back.release?.digest], [digestOf("y"), digestOf("x")]);
  assert.equal(
    play(back, starts("z", { order: 1_795_305_600_000 })).release?.line,
    undefined,
    "from a channel to uploads",
  );
});

test("a channel changes hands only when nobody is in the middle of an update, whatever line it is of", () => {
  const busy = play(undefined, starts("x", stable(9)), acquires("web-1", "one", "x"));

  assert.deepEqual(ask(busy, starts("y", beta(2))), { verdict: "refused", why: "slots-open" });
});

test("two versions of one channel under one number: the one that was replaced does not come back", () => {
  const record = play(undefined, starts("x", stable(9)), starts("y", stable(9)));

  assert.deepEqual(ask(record, starts("x", stable(9))), { verdict: "refused", why: "outdated" });
});

test("numbers that a key was misused for bind only those who trust it still", () => {
  const misused = play(undefined, starts("x", stable(2 ** 50)));
  const honest = starts("y", { ...stable(10), signedBy: "0202020202020202" });

  assert.deepEqual(ask(misused, knowing(honest, { trusts: () => true })), { verdict: "refused", why: "outdated" });
  assert.deepEqual(ask(misused, honest), { verdict: "refused", why: "outdated" });
  const rid = play(misused, knowing(honest, { trusts: (key) => key === "0202020202020202" }));
  assert.equal(rid.release?.digest, digestOf("y"));
});

test("who proved the release before waits for no canary, and for the limit all the same", () => {
  const record = play(undefined, starts("x", stable(9), { limit: 2, canary: 1 }), acquires("web-1", "one", "x"));
  const proven = (host: string) => knowing(acquires(host, `${host}-a`, "x"), { proven: true });

  assert.deepEqual(ask(record, acquires("web-2", "two", "x")), { verdict: "refused", why: "canary" });
  const two = play(record, proven("web-2"));
  assert.deepEqual(Object.keys(two.slots), ["web-1", "web-2"]);
  assert.deepEqual(ask(two, proven("web-3")), { verdict: "refused", why: "slots-taken" });
});

test("who proved the release before counts as a canary, and is refused what is denied or halted", () => {
  const proven = knowing(acquires("web-1", "one", "x"), { proven: true });
  const record = play(undefined, starts("x", stable(9), { limit: 2 }), proven, fences("web-1", "one", "x"));

  assert.equal(play(record, ends("web-1", "one", "x")).phase, "rolling");
  const bad = play(record, ends("web-1", "one", "x", "failed"));
  assert.deepEqual(ask(bad, knowing(acquires("web-2", "two", "x"), { proven: true })), {
    verdict: "refused",
    why: "denied",
  });
});
