import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { highestWithin, parseRange, parseWantedVersion, satisfies } from "../../../src/domain/publishing/range.ts";
import { compareVersions, parseVersion } from "../../../src/domain/publishing/version.ts";
import { anyVersion, withCode } from "./fixture.ts";

const within = (range: string, version: string) => satisfies(parseRange(range), parseVersion(version));

describe("a range holds what it says:", () => {
  const cases: readonly (readonly [range: string, held: readonly string[], others: readonly string[]])[] = [
    ["~> 1.4", ["1.4", "1.4.0", "1.4.9", "1.99", "1.4.0.1"], ["1.3.9", "2", "2.0.0", "2.0.0-rc.1", "1.5.0-rc.1"]],
    ["~> 1.4.2", ["1.4.2", "1.4.10", "1.4.2.7"], ["1.4.1", "1.5", "1.5.0-beta", "1.4.3-rc.1"]],
    ["~>1", ["1", "1.9"], ["0.9", "2"]],
    ["~> 1.4.2.7", ["1.4.2.7", "1.4.2.70"], ["1.4.2.6", "1.4.3"]],
    [">= 1.2, < 2", ["1.2.0", "1.99.1"], ["1.1.9", "2.0.0", "2.0.0-alpha"]],
    ["> 1.2, <= 1.4", ["1.2.1", "1.4.0+build"], ["1.2", "1.4.1"]],
    ["~> 1.4, != 1.4.3", ["1.4.2", "1.4.4"], ["1.4.3", "1.4.3+5"]],
    [">= 1.5.0-rc.1", ["1.5.0-rc.1", "1.5.0-rc.2", "1.5.0", "2.0.0"], ["1.5.0-beta", "1.6.0-rc.1"]],
    ["~> 1.5.0-rc.1", ["1.5.0-rc.1", "1.5.0", "1.5.9"], ["1.5.0-alpha", "1.6", "1.5.1-rc.1"]],
    [">= 1, != 2.0.0-rc.1", ["2.0.0"], ["2.0.0-rc.1", "2.0.0-rc.2"]],
    [">= 2026.11", ["2026.11.25", "2026.12"], ["2026.10.31"]],
    ["~> 9007199254740993", ["9007199254740993.1"], ["9007199254740992", "9007199254740994"]],
  ];
  for (const [range, held, others] of cases) {
    test(range, () => {
      assert.deepEqual(
        held.filter((version) => !within(range, version)),
        [],
        "these are in it",
      );
      assert.deepEqual(
        others.filter((version) => within(range, version)),
        [],
        "these are not",
      );
    });
  }
});

test("the highest version within a range is chosen, in whatever order they were pushed; never one that was yanked", () => {
  const candidates = [
    { version: "1.4.2" },
    { version: "1.10.0", yanked: { reason: "it loses mail" } },
    { version: "1.9.1" },
    { version: "2.0.0" },
    { version: "1.4.3" },
    { version: "1.11.0-rc.1" },
  ];

  assert.deepEqual(highestWithin(parseRange("~> 1.4"), candidates), { version: "1.9.1" });
  assert.equal(highestWithin(parseRange("~> 3"), candidates), undefined);
});

test("what is chosen is within the range, and nothing in it is higher", () => {
  const operator = fc.constantFrom("~>", ">=", "<", "<=", ">", "!=");
  const bounds = fc.array(fc.tuple(operator, anyVersion), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(bounds, fc.array(anyVersion, { maxLength: 12 }), (parts, versions) => {
      const range = parseRange(parts.map((part) => part.join(" ")).join(", "));
      const chosen = highestWithin(
        range,
        versions.map((version) => ({ version })),
      );
      const fitting = versions.filter((version) => satisfies(range, parseVersion(version)));

      assert.equal(chosen === undefined, fitting.length === 0);
      if (chosen === undefined) return;
      const best = parseVersion(chosen.version);
      assert.ok(satisfies(range, best));
      assert.ok(fitting.every((version) => compareVersions(parseVersion(version), best) <= 0));
    }),
    { numRuns: 3000 },
  );
});

test('"~>" is what two bounds say', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 2, maxLength: 4 }), anyVersion, (numbers, version) => {
      const ceiling = numbers.slice(0, -1);
      ceiling[ceiling.length - 1]! += 1;
      const bounds = `>= ${numbers.join(".")}, < ${ceiling.join(".")}`;

      assert.equal(within(`~> ${numbers.join(".")}`, version), within(bounds, version));
    }),
    { numRuns: 3000 },
  );
});

describe("what is no range is refused with a reason:", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /nothing where a bound/],
    [">= 1,", /nothing where a bound/],
    ["1.4", /a bound begins with/],
    ["= 1.4", /without "="/],
    ["== 1.4", /without "=="/],
    ["^1.4", /"~>" instead of "\^"/],
    ["~1.4", /"~>" instead of "~"/],
    [">= 1.4 < 2", /comma between/],
    [">= v1.4", /v1.4: leave out/],
    ["~> 1.x", /1\.x: /],
    [">=", /not a bound/],
    ["=> 1", /not a bound/],
    [`>= ${"1".repeat(300)}`, /256 characters/],
  ];
  for (const [text, reason] of cases) {
    test(JSON.stringify(text.slice(0, 20)), () => {
      assert.throws(() => parseRange(text), withCode("range-invalid", reason));
    });
  }
});

test("a service that names a version means that one, or the highest within a range", () => {
  assert.deepEqual(parseWantedVersion("1.4.2"), { exact: parseVersion("1.4.2") });
  assert.deepEqual(parseWantedVersion("~> 1.4"), { range: parseRange("~> 1.4") });
  assert.throws(() => parseWantedVersion("v1.4"), withCode("version-invalid"));
  assert.throws(() => parseWantedVersion("^1.4"), withCode("range-invalid"));
  assert.throws(() => parseWantedVersion("1.*"), withCode("range-invalid"));
});

test("whatever the text is, it is a range or refused as none", () => {
  const near = fc.array(fc.constantFrom("~>", ">=", "<", "!=", "=", " ", ",", "1", ".", "2", "-rc", "v"), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        near.map((parts) => parts.join("")),
      ),
      (text) => {
        try {
          assert.ok(parseRange(text).bounds.length > 0);
        } catch (thrown) {
          withCode("range-invalid")(thrown);
        }
      },
    ),
    { numRuns: 5000 },
  );
});
