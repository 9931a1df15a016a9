import assert from "node:assert/strict";
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { openStateFolder } from "../../src/agent/state-folder.ts";

const isRoot = process.geteuid?.() === 0;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dropship-state-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A folder above the state folder; what is judged is judged for root alone. */
function judged(prepare: (above: string) => void): void {
  const above = join(folder, "above");
  mkdirSync(join(above, "between"), { recursive: true });
  prepare(above);
  const open = () => openStateFolder(join(above, "between", "state"));
  if (isRoot) assert.throws(open, { code: "state-folder-unsafe", message: new RegExp(`${above} `) });
  else open();
}

test("it is made for its owner alone, whatever the umask is, with the folders above it", () => {
  const umask = process.umask(0);
  try {
    openStateFolder(join(folder, "a/b/state"));
  } finally {
    process.umask(umask);
  }

  assert.equal(lstatSync(join(folder, "a/b/state")).mode & 0o777, 0o700);
  assert.equal(lstatSync(join(folder, "a")).mode & 0o022, 0);
});

test("a folder above it that others may write is refused: they could put another state in its place", () => {
  judged((above) => chmodSync(above, 0o777));
});

test("a folder above it that belongs to a user is refused", () => {
  judged((above) => {
    if (isRoot) chownSync(above, 65534, 65534);
  });
});

test("a folder above it is judged behind a link as well", () => {
  const real = join(folder, "real");
  mkdirSync(join(real, "between"), { recursive: true });
  chmodSync(real, 0o777);
  symlinkSync(join(real, "between"), join(folder, "link"));
  const open = () => openStateFolder(join(folder, "link", "state"));

  if (isRoot) assert.throws(open, { code: "state-folder-unsafe" });
  else open();
});

test("a folder where nobody may move what is another's is good enough", () => {
  chmodSync(folder, 0o1777);

  openStateFolder(join(folder, "state"));
});
