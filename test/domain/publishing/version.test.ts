import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { compareVersions, parseVersion, versionName } from "../../../src/domain/publishing/version.ts";
import { anyVersion, withCode } from "./fixture.ts";

const order = (one: string, other: string) => Math.sign(compareVersions(parseVersion(one), parseVersion(other)));

describe("versions come in the order that SemVer gives as its examples (section 11)", () => {
  const rows = [
    ["1.9.0", "1.10.0", "1.11.0"],
    ["1.0.0", "2.0.0", "2.1.0", "2.1.1"],
    ["1.0.0-alpha", "1.0.0"],
    [
      ...["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta"],
      ...["1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"],
    ],
  ];
  for (const row of rows) {
    test(row.join(" < "), () => {
      for (const [place, one] of row.entries()) {
        for (const [otherPlace, other] of row.entries()) {
          assert.equal(order(one, other), Math.sign(place - otherPlace), `${one} and ${other}`);
        }
      }
    });
  }
});

test("versions that are not SemVer's have their place among them", () => {
  const row = [
    "1",
    "1.0.0.1",
    "1.0.1-rc",
    "1.0.1",
    "1.1",
    "24.04",
    "24.4.1",
    "2026.9.30",
    "2026.11.25",
    "20261125093000",
  ];

  const sorted = row.toReversed().sort(order);

  assert.deepEqual(sorted, row);
});

test("numbers may be longer than a double holds", () => {
  assert.equal(order("1.9007199254740993", "1.9007199254740992"), 1);
  assert.equal(order("1.0.0-9007199254740992", "1.0.0-9007199254740993"), -1);
});

test("the order is a total one: any two can be compared, and any three agree", () => {
  fc.assert(
    fc.property(anyVersion, anyVersion, anyVersion, (one, two, three) => {
      assert.equal(order(one, two) + order(two, one), 0);
      assert.equal(order(one, one), 0);
      if (order(one, two) <= 0 && order(two, three) <= 0) assert.ok(order(one, three) <= 0);
    }),
    { numRuns: 5000 },
  );
});

test("two ways to write a version have one name, which is a version itself; two versions never have", () => {
  const name = (text: string) => versionName(parseVersion(text));
  assert.deepEqual(["1.4", "1.4.0", "1.4.0.0", "01.04+5", "1.4.0+b"].map(name), Array(5).fill("1.4.0"));
  assert.deepEqual(["1.4.0.2", "24.04", "1-rc.1"].map(name), ["1.4.0.2", "24.4.0", "1.0.0-rc.1"]);

  fc.assert(
    fc.property(anyVersion, anyVersion, (one, other) => {
      assert.equal(order(one, other) === 0, name(one) === name(other), `${one} and ${other}`);
      assert.equal(name(name(one)), name(one));
    }),
    { numRuns: 5000 },
  );
});

describe("what SemVer calls valid is one", () => {
  const valid = [
    ...[
      "0.0.4",
      "1.1.2-prerelease+meta",
      "1.1.2+meta-valid",
      "1.0.0-alpha0.valid",
      "1.0.0-alpha-a.b-c-somethinglong+1",
    ],
    ...["1.2.3----RC-SNAPSHOT.12.9.1--.12+788", "1.0.0+0.build.1-rc.10000aaa-kk-0.1", "1.0.0-0A.is.legal", "2.0.0-0"],
  ];
  for (const text of valid) test(text, () => assert.equal(parseVersion(text).text, text));
});

describe("what is no version is refused with a reason:", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /empty/],
    ["v1.4.2", /leave out the "v"/],
    ["V1", /leave out the "V"/],
    ["1.2.3.4.5", /more than four/],
    ["1.2.3-01", /leading zero/],
    ["1.2.3-", /parts/],
    ["1.2.3+", /parts/],
    ["1..2", /parts/],
    ["1.2.3-a..b", /parts/],
    ["1.2.3+a+b", /parts/],
    ["latest", /begin with a number/],
    ["1.x", /parts/],
    ["1.2/../../x", /"\/" may not/],
    ["1.2 ", /" " may not/],
    ["1.2\n", /may not/],
    ["１.2", /may not/],
    [`1.${"0".repeat(80)}`, /64 characters/],
  ];
  for (const [text, reason] of cases) {
    test(JSON.stringify(text.slice(0, 20)), () => {
      assert.throws(() => parseVersion(text), withCode("version-invalid", reason));
    });
  }
});

test("whatever the text is, it is a version or refused as none", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        anyVersion.map((text) => `${text}.`),
        fc.stringMatching(/^[v0-9.+-]{1,12}$/),
      ),
      (text) => {
        try {
          assert.match(versionName(parseVersion(text)), /^[0-9][0-9A-Za-z.-]*$/);
        } catch (thrown) {
          withCode("version-invalid")(thrown);
        }
      },
    ),
    { numRuns: 5000 },
  );
});
