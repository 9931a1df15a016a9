import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDuration, longestDuration, parseDuration } from "../../src/domain/duration.ts";

test("durations read as Go reads them", () => {
  const known = { "10s": 10_000, "1m30s": 90_000, "1.5h": 5_400_000, "250ms": 250, "0": 0, ".5s": 500, "1.s": 1000 };

  for (const [text, value] of Object.entries(known)) assert.equal(parseDuration(text), value, text);
});

test("what is shorter than a millisecond is not nothing", () => {
  for (const text of ["1ns", "1us", "1µs", "999999ns"]) assert.equal(parseDuration(text), 1, text);
});

test("what is no duration is refused", () => {
  const texts = ["", "10", "s", "10 s", "-1s", "+1s", "1d", "1e3s", "1s1", "10S", "8785h", "9".repeat(70), "1s\n"];

  for (const text of texts) assert.equal(parseDuration(text), undefined, JSON.stringify(text));
});

test("a duration that is written reads back as the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: longestDuration }), (value) => {
      assert.equal(parseDuration(formatDuration(value)), value);
    }),
  );
});

test("no text makes the reader throw, and what it reads is a whole number in bounds", () => {
  const pieces = fc.array(fc.constantFrom("1", ".", "9", "h", "m", "s", "ms", "µs", "-", "e"));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((parts) => parts.join("")),
      ),
      (text) => {
        const value = parseDuration(text);
        assert.ok(value === undefined || (Number.isInteger(value) && value >= 0 && value <= longestDuration));
      },
    ),
  );
});
