import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { readIgnoreRules } from "../../../src/domain/publishing/ignore-rules.ts";
import { randomFrom } from "../../random-from.ts";

/** One character for each byte, as the rules want paths. */
const onDisk = (path: string) => Buffer.from(path).toString("latin1");

describe("a line of an ignore file", () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    // pattern, what it leaves out, what it does not
    ["*.log", ["a.log", "deep/down/b.log", ".log"], ["a.log.gz", "log"]],
    ["/build", ["build"], ["deep/build"]],
    ["tmp/", ["tmp/", "deep/tmp/"], ["tmp", "deep/tmp"]],
    ["doc/*.txt", ["doc/a.txt"], ["doc/deep/a.txt", "other/doc/a.txt"]],
    ["**/cache", ["cache", "a/cache", "a/b/cache"], ["cached"]],
    ["doc/**", ["doc/a", "doc/a/b"], ["doc/", "other/doc/a"]],
    ["a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["az", "a/bz"]],
    ["file?", ["file1"], ["file", "file12", "file/x"]],
    ["[a-c]?", ["ax", "cx"], ["dx"]],
    ["[!a-c]x", ["dx"], ["ax"]],
    ["\\#note", ["#note"], ["note"]],
    ["# a comment", [], ["# a comment", "a comment"]],
    ["\\!loud", ["!loud"], ["loud"]],
    ["with space\\ ", ["with space "], ["with space"]],
    ["trailing   ", ["trailing"], ["trailing   "]],
    ["", [], ["a"]],
    ["caf\u00e9", ["caf\u00e9"], ["cafe"]],
    ["[unfinished", [], ["[unfinished", "u"]],
    ["unfinished\\", [], ["unfinished", "unfinished\\"]],
  ];
  for (const [pattern, out, kept] of cases) {
    test(`"${pattern}" leaves out ${out.join(", ") || "nothing"}`, () => {
      const rules = readIgnoreRules([`${pattern}\n`]);
      const leavesOut = (path: string) => rules.leavesOut(onDisk(path.replace(/\/$/, "")), path.endsWith("/"));

      assert.deepEqual(out.filter(leavesOut), out);
      assert.deepEqual(kept.filter(leavesOut), []);
    });
  }
});

test("the last line that matches decides", () => {
  const rules = readIgnoreRules(["*.log\n!keep.log\n", "keep.log\n!deep/keep.log\n"]);

  assert.equal(rules.leavesOut("a.log", false), true);
  assert.equal(rules.leavesOut("keep.log", false), true);
  assert.equal(rules.leavesOut("deep/keep.log", false), false);
});

test("lines may end as on Windows, and a byte order mark counts for nothing", () => {
  const rules = readIgnoreRules(["\ufeff*.log\r\n/build\r\n"]);

  assert.equal(rules.leavesOut("a.log", false), true);
  assert.equal(rules.leavesOut("build", true), true);
});

test("no pattern takes for ever", () => {
  const rules = readIgnoreRules([`${"*a".repeat(60)}b\n**/${"**/a*/".repeat(30)}z\n`]);
  const path = Array.from({ length: 15 }, () => "a".repeat(250)).join("/");
  const begin = performance.now();

  assert.equal(rules.leavesOut(path, false), false);

  const took = performance.now() - begin;
  assert.ok(took < 5000, `${took} ms`);
});

const names = [
  "a",
  "b",
  "ab",
  "abc",
  "foo",
  "bar",
  "foo.o",
  "hello.c",
  ".x",
  "a b",
  "a ",
  "#h",
  "!n",
  "\u00e9",
  "a*b",
  "a?",
];
const oddNames = ["[a]", "a\\b", "x-y", "foobar", "lib", "Foo", "z]", "-"];

/** A random tree, each folder before what is in it. */
function* treeOf(seed: number): Generator<{ readonly path: string; readonly isFolder: boolean }> {
  const random = randomFrom(seed);
  function* grow(above: string, depth: number): ReturnType<typeof treeOf> {
    for (const name of [...names, ...oddNames]) {
      if (random() < (depth === 0 ? 0.1 : 0.7)) continue;
      const path = `${above}${name}`;
      const isFolder = depth < 3 && random() < 0.35;
      yield { path, isFolder };
      if (isFolder) yield* grow(`${path}/`, depth + 1);
    }
  }
  yield* grow("", 0);
}

/** Lines made of what means something in a pattern, and of parts of the names. */
const plain = ["a", "b", "foo", "bar", ".o", "lib", "foobar", "\u00e9", "!", "#", "-", " ", "\t", "/", "/", "/"];
const wild = [
  "*",
  "*",
  "**",
  "***",
  "**/",
  "/**",
  "?",
  "\u00e9?",
  "\\*",
  "\\",
  "\\a",
  "\\ ",
  "[ab]",
  "[!a]",
  "[^b]",
  "[a-f]",
];
const odd = ["[[:alpha:]]", "[[:nope:]]", "[]a]", "[a", "[\\]a]", "[a-]", "[f-a]", "[!/]", "[/a]", "[\u00e9]", "[[:a]"];
const line = fc
  .tuple(
    fc.constantFrom("", "", "", "!", "#", "/", "!/"),
    fc.array(fc.constantFrom(...plain, ...wild, ...odd), { minLength: 1, maxLength: 5 }),
    fc.constantFrom("", "", "", "/", "  ", "\\ "),
  )
  .map(([begin, parts, end]) => `${begin}${parts.join("")}${end}`);

describe("git decides in the same way", () => {
  const folder = mkdtempSync(join(tmpdir(), "dropship-ignore-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const things = [...treeOf(20_261_125)];
  before(() => {
    execFileSync("git", ["init", "-q", folder]);
    for (const { path, isFolder } of things) {
      if (isFolder) mkdirSync(join(folder, path));
      else writeFileSync(join(folder, path), "");
    }
  });

  /** What git leaves out with this ignore file. */
  function byGit(text: string): readonly string[] {
    const file = join(folder, ".git", "rules");
    writeFileSync(file, text);
    const settings = ["-c", `core.excludesFile=${file}`, "-c", "core.ignoreCase=false"];
    const words = [...settings, "check-ignore", "--no-index", "--stdin", "-z", "--verbose", "--non-matching"];
    const input = things.map(({ path }) => `${path}\0`).join("");
    const { status, stdout } = spawnSync("git", words, { cwd: folder, input, maxBuffer: 2 ** 26 });
    // 1: nothing is left out.
    assert.ok(status === 0 || status === 1, `git ended with ${status}`);
    const answer = stdout.toString("utf8").split("\0");
    assert.equal(answer.length, 4 * things.length + 1);
    const left: string[] = [];
    for (let at = 0; at + 3 < answer.length; at += 4) {
      const [, , pattern = "", path = ""] = answer.slice(at, at + 4);
      if (pattern !== "" && !pattern.startsWith("!")) left.push(path);
    }
    return left;
  }

  function byUs(text: string): readonly string[] {
    const rules = readIgnoreRules([text]);
    const left = new Set<string>();
    for (const { path, isFolder } of things) {
      const above = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
      if (left.has(above) || rules.leavesOut(onDisk(path), isFolder)) left.add(path);
    }
    return [...left];
  }

  test("on the examples of its manual", () => {
    const text = "hello.*\n/hello.*\nfoo/\n/foo/*\n!/foo/bar\n**/foo/bar\nabc/**\na/**/b\n*.[oa]\n!foo.o\n";

    assert.ok(byGit(text).length > 10);
    assert.deepEqual(byUs(text), byGit(text));
  });

  test("on random patterns", () => {
    let matched = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), fc.constantFrom("\n", "\r\n"), (lines, ending) => {
        const text = lines.join(ending) + ending;
        const expected = byGit(text);
        matched += expected.length;

        assert.deepEqual(byUs(text), expected);
      }),
      { numRuns: 300 },
    );
    assert.ok(matched > 1000, "the patterns match something");
  });
});
