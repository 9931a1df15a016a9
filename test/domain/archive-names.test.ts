import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { entryPath, foldedPath, shownName } from "../../src/domain/archive-names.ts";
import { Failure } from "../../src/domain/failures/failure.ts";

describe("a name stands for a path", () => {
  const cases: readonly (readonly [name: string, directory: boolean, path: string])[] = [
    ["a", false, "a"],
    ["./a/b", false, "a/b"],
    ["././a", false, "a"],
    ["a/", true, "a"],
    ["./a/b/", true, "a/b"],
    ["./", true, ""],
    [".", true, ""],
    ["...", false, "..."],
    ["..a/b..", false, "..a/b.."],
    [".hidden/x:y", false, ".hidden/x:y"],
    ["x".repeat(255), false, "x".repeat(255)],
  ];
  for (const [name, directory, path] of cases) {
    test(JSON.stringify(name.slice(0, 20)), () => assert.equal(entryPath({ name, offset: 0 }, directory), path));
  }
});

test("whatever a name is, its path is refused or stays inside", () => {
  const piece = fc.constantFrom("..", ".", "a", "", "C:", "\\", "\0", "/", "..a", "é");
  const name = fc.oneof(
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("/")),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(name, fc.boolean(), (text, directory) => {
      try {
        const path = entryPath({ name: text, offset: 0 }, directory);
        const components = path === "" ? [] : path.split("/");
        assert.ok(components.every((component) => component !== "" && component !== "." && component !== ".."));
        assert.doesNotMatch(path, /[\0\\]/);
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === "archive-unsafe-path", String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

describe("names that some file system takes for one have one key:", () => {
  for (const [one, other] of [
    ["README", "readme"],
    ["caf\u00e9", "cafe\u0301"],
    ["stra\u00dfe", "STRASSE"],
    ["\ufb01le", "FILE"],
    ["a\u200db", "ab"],
    ["\u212a", "k"],
    ["\u03a3\u03c2", "\u03c3\u03c3"],
  ] as const) {
    test(`${one} and ${other}`, () => assert.equal(foldedPath(one), foldedPath(other)));
  }
  test("others have keys of their own", () => assert.notEqual(foldedPath("e"), foldedPath("\u00e9")));
});

test("a shown name holds nothing that a terminal obeys", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      const shown = shownName(text);
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"]/u);
    }),
  );
  assert.equal(shownName("a\u202eb\n"), "a\\u{202e}b\\u{0a}");
});
