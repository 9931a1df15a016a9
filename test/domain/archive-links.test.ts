import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type ArchiveEntry, ArchiveTree } from "../../src/domain/archive-tree.ts";
import { Failure } from "../../src/domain/failures/failure.ts";

const limits = { unpackedSize: 1000, entries: 1000, depth: 8, ratio: 200 };
const entry = (name: string, rest: Partial<ArchiveEntry> = {}): ArchiveEntry => ({
  ...{ name, offset: 0, kind: "file", size: 0, target: "", executable: false, modified: undefined },
  ...rest,
});
type Links = Readonly<Record<string, string>>;

/** What the rules say of these links among these files: undefined, or the rule that they break. */
function verdict(files: readonly string[], links: Links): string | undefined {
  const tree = new ArchiveTree(limits);
  try {
    for (const name of files) tree.admit(entry(name));
    for (const [name, target] of Object.entries(links)) tree.admit(entry(name, { kind: "symlink", target }));
    tree.close();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Failure && error.code === "archive-unsafe-link", String(error));
    return error.message;
  }
}

describe("links lead through links:", () => {
  test("the versions of a library", () => {
    const links = { "lib/libx.so": "libx.so.1", "lib/libx.so.1": "libx.so.1.2" };

    assert.equal(verdict(["lib/libx.so.1.2"], links), undefined);
  });

  test("the programs of an npm workspace", () => {
    const links = {
      "node_modules/tool": "../packages/tool",
      "node_modules/.bin/tool": "../tool/bin/run.js",
      "packages/app/node_modules/.bin/tool": "../../../../node_modules/tool/bin/run.js",
    };

    assert.equal(verdict(["packages/tool/bin/run.js", "packages/app/index.js"], links), undefined);
  });

  test("a release behind a name of its own", () => {
    assert.equal(verdict(["releases/7/app"], { current: "releases/7", app: "current/app" }), undefined);
  });

  test("a chain of forty, which is all that Linux follows", () => {
    const chain = (length: number): Links =>
      Object.fromEntries(Array.from({ length }, (_, index) => [`l${index}`, index === 0 ? "d" : `l${index - 1}`]));

    assert.equal(verdict(["d/f"], chain(40)), undefined);
    assert.match(verdict(["d/f"], chain(41)) ?? "", /through more than 40 links/);
    assert.match(verdict(["d/f"], Object.fromEntries(Object.entries(chain(41)).reverse())) ?? "", /more than 40/);
  });

  test("what is missing inside may be missing", () => {
    assert.equal(verdict(["d/f"], { a: "run/later", b: "a/below", c: "b/../x" }), undefined);
  });

  test(".. after a link is the folder above where the link leads", () => {
    assert.equal(verdict(["a/b/c/f"], { deep: "a/b/c", up: "deep/../.." }), undefined);
    assert.match(verdict(["d/f"], { "d/up": "..", escape: "d/up/.." }) ?? "", /outside/);
  });

  test("a circle leads nowhere and is refused", () => {
    assert.match(verdict([], { a: "a" }) ?? "", /circle/);
    assert.match(verdict([], { a: "b/x", b: "a/y" }) ?? "", /circle/);
  });

  test("many links through each other are judged in no time", () => {
    const onward = (index: number) => `l${index - 1}/../d${"/../d".repeat(200)}`;
    const links = Object.fromEntries(
      Array.from({ length: 900 }, (_, index) => [`l${index}`, index % 30 === 0 ? "d" : onward(index)]),
    );
    const begin = performance.now();

    assert.equal(verdict(["d/f"], links), undefined);

    assert.ok(performance.now() - begin < 2000);
  });
});

/** What Linux makes of the steps of a link's way. */
function walk(root: string, name: string, target: string): "inside" | "outside" | "missing" | "endless" {
  const steps = target.split("/");
  for (let taken = 1; taken <= steps.length; taken += 1) {
    const way = `${path.join(root, path.dirname(name))}/${steps.slice(0, taken).join("/")}`;
    try {
      const real = fs.realpathSync.native(way);
      if (real !== root && !real.startsWith(`${root}/`)) return "outside";
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ELOOP" ? "endless" : "missing";
    }
  }
  return "inside";
}

test("links are refused exactly when Linux would follow one to the outside, or for ever", () => {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "dropship-links-")));
  let number = 0;
  let accepted = 0;
  const files = ["f", "d/f", "d/e/f", "g/f"];
  const place = fc.constantFrom("l", "m", "d/l", "d/e/l", "g/l", "g/m");
  const target = fc
    .array(fc.constantFrom("..", "..", "d", "e", "g", "l", "m", "l", "."), { minLength: 1, maxLength: 5 })
    .map((steps) => steps.join("/"));
  try {
    fc.assert(
      fc.property(fc.dictionary(place, target, { minKeys: 1, maxKeys: 5 }), (links) => {
        // Made by hand and packed and unpacked by tar, below folders that a way to the outside can reach.
        const root = path.join(base, String(number++), "x", "y");
        const source = path.join(root, "source");
        const unpacked = path.join(root, "unpacked");
        for (const file of files) {
          fs.mkdirSync(path.dirname(path.join(source, file)), { recursive: true });
          fs.writeFileSync(path.join(source, file), "");
        }
        fs.mkdirSync(unpacked);
        for (const [name, to] of Object.entries(links)) fs.symlinkSync(to, path.join(source, name));
        execFileSync("sh", ["-c", 'tar -C "$1" -cf - . | tar -C "$2" -xf -', "sh", source, unpacked]);

        const ways = Object.entries(links).map(([name, to]) => walk(unpacked, name, to));
        const refused = verdict(files, links);

        if (refused === undefined) accepted += 1;
        const harmful = ways.some((way) => way === "outside" || way === "endless");
        // A way that ends at something missing may go up too far behind it, which Linux never gets to see.
        if (harmful || !ways.includes("missing")) assert.equal(refused !== undefined, harmful, `${ways} ${refused}`);
      }),
      { numRuns: 300 },
    );
    assert.ok(accepted > 30, `${accepted} accepted`);
  } finally {
    fs.rmSync(base, { recursive: true, force: true });
  }
});
