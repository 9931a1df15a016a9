import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { PackFormat } from "../../../src/publish/pack/artifact.ts";
import { smallDisk, smallExt4 } from "../../releases/disks.ts";
import { application, emptyFolder, lay, type Plan, packHere, shuffled } from "./fixture.ts";

/** Of the tree `known`: what any machine, user and version of Dropship makes of it. */
const known: Plan = {
  "bin/run": { program: "#!/bin/sh\necho run\n" },
  "conf/app.conf": "port = 80\n",
  "conf/current": { link: "app.conf" },
  "empty/": "",
  "caf\u00e9.txt": "bonjour\n",
};
const knownDigests = {
  tree: "45afe503213a398808ae9e730535b6eb15de5c2e279c370079bb1dfaf9f4b601",
  "tar.zst": "ddb701d59a7348a9eb56dd47b95f115818cff3787061910959d93790d048b9ba",
  "tar.gz": "fd403229aaa7e5cd2fb99b4f8313a6313c57ddfecea9bfee61499bd670de201e",
};

function digestsOf(t: TestContext, folder: string, format: PackFormat, options: Options = {}) {
  const scratch = emptyFolder(t);
  if (options.uid !== undefined) chownSync(scratch, options.uid, options.uid);
  const words = [join(import.meta.dirname, "pack-once.ts"), folder, scratch, format];
  if (options.uid !== undefined) words.push(String(options.uid));
  const env = { PATH: process.env["PATH"], ...options.environment };
  const [program = "", ...rest] = [...(options.under ?? []), process.execPath, ...words];
  const printed = execFileSync(program, rest, { env, encoding: "utf8" });
  return JSON.parse(printed) as { readonly sha256: string; readonly tree: string };
}

interface Options {
  readonly uid?: number;
  /** A program that runs it. */
  readonly under?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

function everythingBelow(folder: string): readonly string[] {
  return [folder, ...readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name))];
}

/** Ways to come to the same tree. */
const ways: Readonly<Record<string, (t: TestContext) => string>> = {
  "laid down on another day": (t) => {
    const folder = lay(emptyFolder(t), application);
    for (const path of everythingBelow(folder)) lutimesSync(path, 86_400, 1_000_000_000);
    return folder;
  },
  "laid down in the future": (t) => {
    const folder = lay(emptyFolder(t), application);
    for (const path of everythingBelow(folder)) lutimesSync(path, 4e9, 4e9);
    return folder;
  },
  "of another user": (t) => {
    const folder = lay(emptyFolder(t), application);
    execFileSync("chown", ["-hR", "12345:54321", folder]);
    return folder;
  },
  "laid down under umask 077": (t) => {
    const before = process.umask(0o077);
    try {
      return lay(emptyFolder(t), application);
    } finally {
      process.umask(before);
    }
  },
  "laid down under umask 0": (t) => {
    const before = process.umask(0);
    try {
      return lay(emptyFolder(t), application);
    } finally {
      process.umask(before);
    }
  },
  "with set-user-id, sticky and group bits": (t) => {
    const folder = lay(emptyFolder(t), application);
    chmodSync(join(folder, "bin/run"), 0o6711);
    chmodSync(join(folder, "lib"), 0o3775);
    chmodSync(join(folder, "lib/a"), 0o460);
    return folder;
  },
  "in another order": (t) => lay(emptyFolder(t), shuffled(application, 1)),
  "in yet another order": (t) => lay(emptyFolder(t), shuffled(application, 2)),
  "in memory": (t) => lay(join(smallDisk(t, "size=16m"), "tree"), application),
  "on an ext4 of its own": (t) => {
    const disk = smallExt4(t);
    rmSync(join(disk, "lost+found"), { recursive: true });
    return lay(disk, shuffled(application, 3));
  },
  "with gaps in a folder's list where files were removed": (t) => {
    const folder = emptyFolder(t);
    for (let number = 0; number < 300; number += 1) writeFileSync(join(folder, `gone-${number}`), "");
    lay(folder, application);
    for (let number = 0; number < 300; number += 1) rmSync(join(folder, `gone-${number}`));
    return folder;
  },
  "with extended attributes": (t) => {
    const folder = lay(emptyFolder(t), application);
    execFileSync("python3", [
      "-c",
      "import os, sys; os.setxattr(sys.argv[1], 'user.note', b'x')",
      join(folder, "lib/a"),
    ]);
    return folder;
  },
};

describe("the same tree becomes the same bytes:", () => {
  for (const format of ["tar.zst", "tar.gz"] as const) {
    for (const [name, way] of Object.entries(ways)) {
      test(`${name}, as ${format}`, async (t) => {
        const first = await packHere(t, lay(emptyFolder(t), application), format);

        const second = await packHere(t, way(t), format);

        assert.equal(second.sha256, first.sha256);
        assert.equal(second.tree, first.tree);
      });
    }

    test(`in hard links and in copies, as ${format}`, async (t) => {
      const linked = lay(emptyFolder(t), application);
      const copied = lay(emptyFolder(t), application);
      linkSync(join(linked, "large.bin"), join(linked, "large-2.bin"));
      copyFileSync(join(copied, "large.bin"), join(copied, "large-2.bin"));

      const first = await packHere(t, linked, format);
      const second = await packHere(t, copied, format);

      assert.equal(second.sha256, first.sha256);
    });

    test(`with a hole and with zeros, as ${format}`, async (t) => {
      const sparse = lay(emptyFolder(t), { small: "x" });
      const dense = lay(emptyFolder(t), { small: "x", zeros: Buffer.alloc(3_000_000) });
      execFileSync("truncate", ["-s", "3000000", join(sparse, "zeros")]);

      const first = await packHere(t, sparse, format);
      const second = await packHere(t, dense, format);

      assert.equal(second.sha256, first.sha256);
    });

    test(`on every day, in every locale and time zone and for every user, as ${format}`, async (t) => {
      const folder = lay(emptyFolder(t), application);
      chmodSync(folder, 0o755);
      const { sha256, tree } = await packHere(t, folder, format);
      const environments = [
        { LC_ALL: "C", TZ: "UTC" },
        { LC_ALL: "C.UTF-8", TZ: "Asia/Tokyo" },
        { LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8", TZ: "America/St_Johns" },
        { LC_ALL: "sv_SE.ISO-8859-1", LC_COLLATE: "sv_SE", TZ: "Pacific/Kiritimati" },
        { SOURCE_DATE_EPOCH: "1700000000", TAR_OPTIONS: "--mtime=@1", GZIP: "-9", ZSTD_CLEVEL: "19" },
      ];

      const everywhere = environments.map((environment) => digestsOf(t, folder, format, { environment }));
      const byAnother = digestsOf(t, folder, format, { uid: 65_534 });
      const later = digestsOf(t, folder, format, { under: ["faketime", "-f", "+60d"] });

      for (const digests of [...everywhere, byAnother, later]) assert.deepEqual(digests, { sha256, tree });
    });
  }
});

describe("another tree becomes other bytes:", () => {
  const changes: Readonly<Record<string, (folder: string) => void>> = {
    "a byte of a file": (folder) => writeFileSync(join(folder, "lib/a"), "b"),
    "a program that is none any more": (folder) => chmodSync(join(folder, "bin/run"), 0o644),
    "a name": (folder) => execFileSync("mv", [join(folder, "lib/a"), join(folder, "lib/c")]),
    "a link": (folder) => execFileSync("ln", ["-sfn", "../lib/a", join(folder, "bin/link")]),
    "an empty folder more": (folder) => mkdirSync(join(folder, "empty/more")),
  };
  for (const [name, change] of Object.entries(changes)) {
    test(name, async (t) => {
      const folder = lay(emptyFolder(t), application);
      const before = await packHere(t, folder);
      change(folder);

      const after = await packHere(t, folder);

      assert.notEqual(after.sha256, before.sha256);
      assert.notEqual(after.tree, before.tree);
    });
  }
});

/**
 * Whoever publishes the same version once more from a newer Dropship must come to the same bytes. A new Node may bring another
 * zstd or zlib: then the digests of the packed forms change, the one of the tree must not, and CHANGELOG.md has to say so.
 */
test("a tree that is known has the bytes that are known", async (t) => {
  const folder = lay(emptyFolder(t), known);
  utimesSync(join(folder, "conf/app.conf"), 1, 1);

  const zst = await packHere(t, folder);
  const gz = await packHere(t, folder, "tar.gz");

  assert.deepEqual({ tree: zst.tree, "tar.zst": zst.sha256, "tar.gz": gz.sha256 }, knownDigests);
});
