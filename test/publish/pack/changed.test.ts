import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { PackProgress } from "../../../src/publish/pack/artifact.ts";
import { prepareArtifact } from "../../../src/publish/pack/prepare-artifact.ts";
import { emptyFolder, lay, type Plan, request } from "./fixture.ts";

/** More than two pieces, so that something is still to be read when the first one is done. */
const plan: Plan = {
  "a/first": Buffer.alloc(100_000, "first"),
  "b/large": Buffer.alloc(5_000_000, "large"),
  "c/last": "last",
  "c/link": { link: "last" },
  "d/": "",
};

const roomy = { unpackedSize: 1e9, entries: 100, depth: 9, ratio: 1e6 };

/** Packs a folder to which `change` happens while its first part is compressed. */
async function changedMeanwhile(t: TestContext, change: (folder: string, secrets: string) => void): Promise<void> {
  const folder = lay(emptyFolder(t), plan);
  const secrets = lay(emptyFolder(t), { last: "a secret", large: Buffer.alloc(5_000_000, "secret") });
  let changed = false;
  const onProgress = ({ step }: PackProgress) => {
    if (step === "packing" && !changed) change(folder, secrets);
    changed = true;
  };
  const asked = request(t, folder, { onProgress, limits: roomy });
  try {
    await using _artifact = await prepareArtifact(asked);
  } finally {
    assert.ok(changed, "there was a moment for the change");
    assert.deepEqual(readdirSync(asked.scratch), []);
  }
}

describe("what changes while it is packed is a failure that names it:", () => {
  const changes: Readonly<Record<string, readonly [string, string, (folder: string, secrets: string) => void]>> = {
    "a file that grows": ["c/last", "changed", (folder) => appendFileSync(join(folder, "c/last"), "more")],
    "a file that was packed and grows": [
      "a/first",
      "changed",
      (folder) => appendFileSync(join(folder, "a/first"), "x"),
    ],
    "a file that is cut while it is read": [
      "b/large",
      "changed",
      (folder) => truncateSync(join(folder, "b/large"), 10),
    ],
    "a file that is written anew with its size and time": [
      "c/last",
      "changed",
      (folder, secrets) => {
        const file = join(folder, "c/last");
        const clock = join(secrets, "clock");
        // To the nanosecond, which Node's own calls cannot do.
        execFileSync("touch", ["-r", file, clock]);
        writeFileSync(file, "LAST");
        execFileSync("touch", ["-r", clock, file]);
      },
    ],
    "a mode": ["a/first", "changed", (folder) => chmodSync(join(folder, "a/first"), 0o755)],
    "a new file": ["d/new", "appeared", (folder) => writeFileSync(join(folder, "d/new"), "")],
    "a file that goes away": ["c/last", "went away", (folder) => rmSync(join(folder, "c/last"))],
    "a folder that goes away": ["d", "went away", (folder) => rmSync(join(folder, "d"), { recursive: true })],
    "a link that leads elsewhere": [
      "c/link",
      "changed",
      (folder) => {
        rmSync(join(folder, "c/link"));
        symlinkSync("../a/first", join(folder, "c/link"));
      },
    ],
    "a file in whose place a link out of the folder is put": [
      "c/last",
      "became something else",
      (folder, secrets) => {
        rmSync(join(folder, "c/last"));
        symlinkSync(join(secrets, "last"), join(folder, "c/last"));
      },
    ],
    "a folder in whose place a link out of the folder is put": [
      "c/last",
      "became something else",
      (folder, secrets) => {
        renameSync(join(folder, "c"), join(folder, "moved"));
        symlinkSync(secrets, join(folder, "c"));
      },
    ],
    "a file that becomes a folder": [
      "c/last",
      "changed",
      (folder) => {
        rmSync(join(folder, "c/last"));
        mkdirSync(join(folder, "c/last"));
      },
    ],
  };
  for (const [name, [path, how, change]] of Object.entries(changes)) {
    test(name, async (t) => {
      await assert.rejects(changedMeanwhile(t, change), {
        code: "source-changed",
        message: `${path} ${how} while it was packed; nothing was published.`,
        passing: true,
      });
    });
  }
});

describe("what does not touch what is published is no failure:", () => {
  test("a file that is left out and changes", async (t) => {
    const folder = lay(emptyFolder(t), { ...plan, ".dropshipignore": "*.log\n", "app.log": "1" });
    const onProgress = () => appendFileSync(join(folder, "app.log"), "more");

    await using artifact = await prepareArtifact(request(t, folder, { onProgress, limits: roomy }));

    assert.deepEqual(artifact.leftOut, [".dropshipignore", "app.log"]);
  });

  test("a folder whose time changes", async (t) => {
    const folder = lay(emptyFolder(t), plan);
    const onProgress = () => utimesSync(join(folder, "c"), 1, 1);

    await using artifact = await prepareArtifact(request(t, folder, { onProgress, limits: roomy }));

    assert.equal(artifact.entries, 8);
  });
});
