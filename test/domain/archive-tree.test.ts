import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ArchiveEntry, ArchiveTree } from "../../src/domain/archive-tree.ts";
import { failure } from "../../src/domain/failures/failure.ts";

const limits = { unpackedSize: 1000, entries: 10, depth: 3, ratio: 200 };

function entry(name: string, rest: Partial<ArchiveEntry> = {}): ArchiveEntry {
  return { name, offset: 0, kind: "file", size: 0, target: "", executable: false, modified: undefined, ...rest };
}

const link = (name: string, target: string) => entry(name, { kind: "symlink", target });

describe("an archive's tree", () => {
  test("names the folders that nobody named, outermost first, once", () => {
    const tree = new ArchiveTree(limits);

    assert.deepEqual(tree.admit(entry("a/b/c")), { path: "a/b/c", missing: ["a", "a/b"], isNew: true });
    assert.deepEqual(tree.admit(entry("a/b/d")), { path: "a/b/d", missing: [], isNew: true });
    assert.deepEqual(tree.admit(entry("a/e")), { path: "a/e", missing: [], isNew: true });
  });

  test("takes a folder that stands already for what it is", () => {
    const tree = new ArchiveTree(limits);
    tree.admit(entry("a/b"));

    assert.equal(tree.admit(entry("a/", { kind: "directory" })).isNew, false);
    assert.equal(tree.admit(entry("./", { kind: "directory" })).isNew, false);
  });

  test("counts entries, bytes and depth up to the very limit", () => {
    const tree = new ArchiveTree(limits);
    tree.admit(entry("a/b/c", { size: 1000 }));

    assert.throws(() => tree.admit(entry("d", { size: 1 })), { code: "archive-too-large" });
    assert.throws(() => tree.admit(entry("a/b/c/d")), { code: "archive-too-large" });
  });

  for (const target of ["b", "./b", "d/../b", "..", "../", "missing", "sub//b"]) {
    test(`lets a link in a folder lead to ${target}`, () => {
      const tree = new ArchiveTree(limits);
      tree.admit(link("folder/link", target));

      tree.close();
    });
  }
});

test("each rejection says entry, place, rule and what to do", () => {
  const place = { entry: "a", offset: 512, rule: "the rule" };
  const one = failure("archive-collision", { ...place, other: "b" });

  assert.equal(one.message, 'The archive entry "a" (byte 512) collides with "b": the rule.');
  assert.match(one.remedy, /name of its own/);
});
