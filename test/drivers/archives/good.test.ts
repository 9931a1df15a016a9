import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { arena, tree } from "./arena.ts";

/** A tree with what real artifacts hold: long and foreign names, links, programs, empty things, large files. */
function layTree(folder: string): void {
  const deep = path.join(folder, "deep", "a".repeat(90), "b".repeat(90), "c".repeat(90));
  fs.mkdirSync(deep, { recursive: true });
  fs.mkdirSync(path.join(folder, "bin"));
  fs.mkdirSync(path.join(folder, "empty"));
  fs.writeFileSync(path.join(deep, "long-name.txt"), "long");
  fs.writeFileSync(path.join(folder, "n".repeat(120)), "name over 100 bytes");
  fs.writeFileSync(path.join(folder, "bin", "run"), "#!/bin/sh\n", { mode: 0o755 });
  fs.writeFileSync(path.join(folder, "caf\u00e9 \u6771\u4eac.txt"), "utf-8");
  // The short names that stand beside the long ones are cut in the middle of a character.
  for (const padding of [97, 98, 99])
    fs.writeFileSync(path.join(folder, `${"m".repeat(padding)}${"\u00e9".repeat(9)}`), "cut");
  fs.symlinkSync(`${"t".repeat(99)}\u00e9`, path.join(folder, "to-a-long-name"));
  fs.writeFileSync(path.join(folder, "with space & 'quotes'"), "");
  fs.writeFileSync(path.join(folder, "block.bin"), Buffer.alloc(512, 7));
  fs.writeFileSync(path.join(folder, "large.bin"), Buffer.alloc(3_000_001, "0123456789abcdef"));
  fs.symlinkSync("run", path.join(folder, "bin", "link"));
  fs.symlinkSync("../bin/run", path.join(folder, "deep", "up"));
  fs.symlinkSync("link", path.join(folder, "bin", "link-to-link"));
}

/** Each writes the current folder's tree to `$1`; v7 has no room for the long names. */
const tars: Readonly<Record<string, string>> = {
  "GNU tar, gnu format": 'tar --format=gnu -cf "$1" .',
  "GNU tar, pax format": 'tar --format=pax -cf "$1" .',
  "GNU tar, posix with names listed": 'tar --format=posix -cf "$1" *',
  "GNU tar, ustar format":
    'tar --format=ustar -cf "$1" --exclude="nnn*" --exclude="mmm*" --exclude="to-a-*" --exclude="ccc*" .',
  "GNU tar, v7 format":
    'tar --format=v7 -cf "$1" --exclude="nnn*" --exclude="mmm*" --exclude="to-a-*" --exclude=deep/aaa* .',
  "GNU tar, without folders": 'find . ! -type d -print0 | tar --null -T - --format=gnu -cf "$1"',
  "bsdtar, pax": 'bsdtar --format=pax -cf "$1" .',
  "bsdtar, restricted pax": 'bsdtar -cf "$1" .',
  "bsdtar, ustar":
    'bsdtar --format=ustar -cf "$1" --exclude="nnn*" --exclude="mmm*" --exclude="to-a-*" --exclude="ccc*" .',
  "bsdtar, gnutar": 'bsdtar --format=gnutar -cf "$1" .',
  "Python tarfile, pax": pythonTar("PAX_FORMAT"),
  "Python tarfile, gnu": pythonTar("GNU_FORMAT"),
};

function pythonTar(format: string): string {
  const program = `import sys,tarfile\nwith tarfile.open(sys.argv[1], "w", format=tarfile.${format}) as t: t.add(".")`;
  return `python3 -c '${program}' "$1"`;
}

const zips: Readonly<Record<string, string>> = {
  "Info-ZIP": 'zip -qry "$1.zip" . && mv "$1.zip" "$1"',
  "Info-ZIP, stored": 'zip -q0ry "$1.zip" . && mv "$1.zip" "$1"',
  "Info-ZIP, without folders": 'zip -qryD "$1.zip" . -x "empty/*" && mv "$1.zip" "$1"',
  "Info-ZIP, to a pipe": 'zip -qr - . -x "bin/link*" "deep/up" "to-a-*" > "$1"',
  bsdtar: 'bsdtar --format=zip -cf "$1" .',
  "Python zipfile": 'python3 -m zipfile -c "$1" bin empty block.bin large.bin',
};

const packers: Readonly<Record<string, string>> = {
  "tar.gz": "gzip -c",
  "tar.zst": "zstd -q -c",
  "tar.xz": "xz -c",
  "tar.bz2": "bzip2 -c",
};

function run(script: string, cwd: string, ...words: string[]): void {
  // The names in the tree are UTF-8 whatever the machine's own locale is.
  const env = { ...process.env, LC_ALL: "C.UTF-8", PYTHONUTF8: "1" };
  execFileSync("bash", ["-ec", script, "bash", ...words], { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
}

/** Packs, unpacks with the stock tool and with ours, and compares. */
async function compare(pack: string, stock: string, format: string): Promise<void> {
  using place = arena();
  const source = path.join(place.base, "source");
  const expected = path.join(place.base, "expected");
  const packed = path.join(place.base, "packed");
  fs.mkdirSync(source);
  fs.mkdirSync(expected);
  layTree(source);
  run(`umask 022; ${pack}`, source, packed);
  run(`umask 022; ${stock}`, expected, packed);

  const unpacked = await place.unpack(fs.readFileSync(packed));

  assert.equal(unpacked.format, format);
  assert.ok(tree(expected).length >= 6, "the stock tool unpacked something");
  assert.deepEqual(place.inside(), tree(expected));
}

describe("a good tar becomes the tree that tar makes of it:", () => {
  for (const [name, pack] of Object.entries(tars)) test(name, () => compare(pack, 'tar -xf "$1"', "tar"));
});

describe("a good compressed tar becomes the tree that tar makes of it:", () => {
  for (const [format, packer] of Object.entries(packers)) {
    for (const name of ["GNU tar, gnu format", "bsdtar, pax"]) {
      test(`${format} of ${name}`, () =>
        compare(`${tars[name]} && ${packer} < "$1" > "$1.z" && mv "$1.z" "$1"`, 'tar -xf "$1"', format));
    }
  }
  test("tar.gz of two members", () =>
    compare(
      'tar -cf t . && (head -c 700000 t | gzip; tail -c +700001 t | gzip) > "$1" && rm t',
      'tar -xzf "$1"',
      "tar.gz",
    ));
  test("tar.zst of two frames with a skippable one before", () =>
    compare(
      "tar -cf t . && (printf 'P*M\\x18\\x04\\x00\\x00\\x00abcd'; head -c 700000 t | zstd; tail -c +700001 t | zstd) > \"$1\" && rm t",
      'zstd -dc "$1" | tar -x',
      "tar.zst",
    ));
  test("tar.xz of two streams and several blocks", () =>
    compare(
      'tar -cf t . && (head -c 700000 t | xz; tail -c +700001 t | xz --block-size=100000) > "$1" && rm t',
      'xz -dc "$1" | tar -x',
      "tar.xz",
    ));
  test("tar.bz2 of two streams", () =>
    compare(
      'tar -cf t . && (head -c 700000 t | bzip2; tail -c +700001 t | bzip2 -1) > "$1" && rm t',
      'bzip2 -dc "$1" | tar -x',
      "tar.bz2",
    ));
});

describe("a good zip becomes the tree that unzip makes of it:", () => {
  for (const [name, pack] of Object.entries(zips)) test(name, () => compare(pack, 'unzip -q "$1"', "zip"));
});
