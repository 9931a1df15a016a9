import assert from "node:assert/strict";
import { test } from "node:test";
import { type Note, outages, updatesIn } from "./notes.ts";

/** "1 up 1, 5 down 1": as a service writes it. */
function notes(text: string): readonly Note[] {
  return text.split(", ").map((note) => {
    const [at, what, version = ""] = note.split(" ");
    return { at: Number(at), what: what as Note["what"], version };
  });
}

test("two services that are down at one moment are two", () => {
  const first = notes("1 up 1, 5 down 1, 8 up 2");
  const second = notes("1 up 1, 7 down 1, 9 up 2");

  assert.deepEqual(outages([first, second], 0, 10), { most: 2, count: 2, total: 5 });
});

test("one that comes up as the other goes down is never down with it", () => {
  const first = notes("1 up 1, 5 down 1, 7 up 2");
  const second = notes("1 up 1, 7 down 1, 9 up 2");

  assert.equal(outages([first, second], 0, 10).most, 1);
});

test("a sick service is down until it is well, whatever it is restarted from", () => {
  const service = notes("1 up 1, 5 down 1, 6 sick 2, 7 down 2, 8 up 1");

  assert.deepEqual(outages([service], 0, 10), { most: 1, count: 1, total: 3 });
});

test("a service that is down at the end is counted to the end, and one that never was up is not", () => {
  const service = notes("1 up 1, 5 down 1");
  const never = notes("2 sick 1, 3 down 1");

  assert.deepEqual(outages([service, never], 0, 10), { most: 1, count: 1, total: 5 });
});

test("what was over before the span, or began after it, is not counted", () => {
  const service = notes("1 up 1, 2 down 1, 3 up 2, 5 down 2, 8 up 3, 20 down 3");

  assert.deepEqual(outages([service], 6, 10), { most: 1, count: 1, total: 2 });
});

test("a restart from the same version is no update", () => {
  const service = notes("1 up 1, 2 down 1, 3 up 1, 5 down 1, 6 sick 2, 7 down 2, 8 up 1, 9 down 1, 10 up 3");

  assert.equal(updatesIn(service, 0), 2);
  assert.equal(updatesIn(service, 2), 1);
});
