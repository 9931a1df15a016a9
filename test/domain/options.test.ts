import assert from "node:assert/strict";
import { test } from "node:test";
import {
  choice,
  count,
  durationFrom,
  flag,
  mode,
  name,
  type Option,
  type RawValue,
  size,
  table,
  text,
  texts,
  url,
} from "../../src/domain/options.ts";

/** What an option makes of a value: the value, or "refused". */
function decode(option: Option<unknown>, raw: RawValue): unknown {
  const decoded = option.decode(raw);
  return "value" in decoded ? decoded.value : "refused";
}

const summary = "";
const cases: readonly [what: string, option: Option<unknown>, given: RawValue, gives: unknown][] = [
  ["a text", text({ summary }), "", ""],
  ["a text", text({ summary }), 1, "refused"],
  ["a name", name({ summary }), " ", "refused"],
  ["a flag", flag({ summary }), "true", true],
  ["a flag", flag({ summary }), "yes", "refused"],
  ["a duration from 10ms", durationFrom(10)({ summary }), "10ms", 10],
  ["a duration from 10ms", durationFrom(10)({ summary }), "0", "refused"],
  ["a duration from 10ms", durationFrom(10)({ summary }), 10, "refused"],
  ["a size", size({ summary }), 12, 12],
  ["a size", size({ summary }), "1KiB", 1024],
  ["a size", size({ summary }), -1, "refused"],
  ["a count from 1 to 3", count(1, 3)({ summary }), "2", 2],
  ["a count from 1 to 3", count(1, 3)({ summary }), 1.5, "refused"],
  ["a count from 1 to 3", count(1, 3)({ summary }), 4, "refused"],
  ["one of a and b", choice(["a", "b"])({ summary }), "b", "b"],
  ["one of a and b", choice(["a", "b"])({ summary }), "c", "refused"],
  ["an address", url({ summary }), "https://host:1/x?y", "https://host:1/x?y"],
  ["an address", url({ summary }), "ftp://host", "refused"],
  ["an address", url({ summary }), "https://user:pass@host", "refused"],
  ["a mode", mode({ summary }), "0644", 0o644],
  ["a mode", mode({ summary }), "4755", "refused"],
  ["a list of texts", texts({ summary }), "a", ["a"]],
  ["a list of texts", texts({ summary }), ["a", 1], "refused"],
  ["a map of texts", table({ summary }), { A: "b" }, { A: "b" }],
  ["a map of texts", table({ summary }), { A: 1 }, "refused"],
  ["a map of texts", table({ summary }), ["a"], "refused"],
];

for (const [what, option, given, gives] of cases) {
  test(`${what} takes ${JSON.stringify(given)} as ${JSON.stringify(gives)}`, () => {
    assert.deepEqual(decode(option, given), gives);
  });
}

test("what an option refuses it never repeats: the value may be a secret", () => {
  const all: readonly Option<unknown>[] = [
    ...[text({ summary }), name({ summary }), flag({ summary }), durationFrom(1)({ summary }), size({ summary })],
    ...[count(1, 2)({ summary }), choice(["a"])({ summary }), url({ summary }), mode({ summary }), texts({ summary })],
    table({ summary }),
  ];

  for (const option of all) {
    for (const raw of ["https://hush:hush@x", ["hush", 1], { hush: 1 }] as const) {
      const decoded = option.decode(raw);
      assert.ok("value" in decoded || !decoded.expected.includes("hush"));
    }
  }
});
