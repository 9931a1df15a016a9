import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { PackProgress } from "../../../src/publish/pack/artifact.ts";
import { prepareArtifact } from "../../../src/publish/pack/prepare-artifact.ts";
import { smallDisk } from "../../releases/disks.ts";
import { emptyFolder, lay, noise, request } from "./fixture.ts";

const descriptors = () => readdirSync("/proc/self/fd").length;

describe("a disk without room for the artifact", () => {
  for (const [what, options] of [
    ["bytes", "size=256k"],
    ["inodes", "size=16m,nr_inodes=1"],
  ] as const) {
    test(`(${what}) is a failure that leaves nothing there`, async (t) => {
      const folder = lay(emptyFolder(t), { "a/large": noise(3_000_000), "b/x": "x" });
      const scratch = smallDisk(t, options);
      const before = descriptors();

      for (const source of [folder, join(folder, "a/large")]) {
        await assert.rejects(prepareArtifact(request(t, source, { scratch })), {
          code: "scratch-full",
          message: /no space left on device/,
          passing: true,
        });
      }

      assert.deepEqual(readdirSync(scratch), []);
      assert.equal(descriptors(), before);
    });
  }

  test("that gets room later takes the artifact", async (t) => {
    const folder = lay(emptyFolder(t), { large: noise(1_000_000) });
    const scratch = smallDisk(t, "size=256k");
    await assert.rejects(prepareArtifact(request(t, folder, { scratch })), { code: "scratch-full" });
    execFileSync("mount", ["-o", "remount,size=16m", scratch]);

    await using artifact = await prepareArtifact(request(t, folder, { scratch }));

    assert.equal(statSync(artifact.file).size, artifact.length);
  });
});

describe("an abort", () => {
  const moments: Readonly<Record<string, (progress: PackProgress) => boolean>> = {
    "while the first part is packed": ({ step }) => step === "packing",
    "while the last part is packed": ({ step, done, total }) => step === "packing" && done === total,
    "while agents' reader judges": ({ step }) => step === "checking",
  };
  for (const source of ["tree", "tree/large"]) {
    for (const [name, moment] of Object.entries(moments)) {
      test(`${name} ends it with its reason and leaves nothing: ${source}`, async (t) => {
        const place = emptyFolder(t);
        lay(join(place, "tree"), { large: noise(4_000_000), small: "x" });
        const stop = new AbortController();
        const onProgress = (progress: PackProgress) => {
          if (moment(progress)) stop.abort(new Error("enough"));
        };
        const asked = request(t, join(place, source), { signal: stop.signal, onProgress });
        const before = descriptors();

        await assert.rejects(prepareArtifact(asked), { message: "enough" });

        assert.deepEqual(readdirSync(asked.scratch), []);
        assert.equal(descriptors(), before);
      });
    }
  }

  test("before it begins begins nothing", async (t) => {
    const asked = request(t, lay(emptyFolder(t), { a: "x" }), { signal: AbortSignal.abort(new Error("enough")) });

    await assert.rejects(prepareArtifact(asked), { message: "enough" });

    assert.deepEqual(readdirSync(asked.scratch), []);
  });
});

describe("the place in which an artifact is put together", () => {
  test("is for its owner alone, and goes when the artifact is disposed of", async (t) => {
    const umask = process.umask(0);
    t.after(() => process.umask(umask));
    const asked = request(t, lay(emptyFolder(t), { a: "x" }));
    {
      await using artifact = await prepareArtifact(asked);

      assert.equal(statSync(artifact.file).mode & 0o7777, 0o600);
      assert.equal(statSync(join(artifact.file, "..")).mode & 0o7777, 0o700);
    }
    assert.deepEqual(readdirSync(asked.scratch), []);
  });

  test("that is missing is a failure that says where", async (t) => {
    const scratch = join(emptyFolder(t), "gone");
    rmSync(scratch, { force: true });

    await assert.rejects(prepareArtifact(request(t, lay(emptyFolder(t), { a: "x" }), { scratch })), {
      code: "scratch-unusable",
      message: `The artifact cannot be put together in ${scratch}: no such file or directory.`,
      remedy: /TMPDIR/,
    });
  });
});

test("progress goes from nothing to all, first of the packing, then of the checking", async (t) => {
  const folder = lay(emptyFolder(t), { large: noise(4_000_000), small: "x" });
  const told: PackProgress[] = [];

  await using artifact = await prepareArtifact(request(t, folder, { onProgress: (progress) => told.push(progress) }));

  const packing = told.filter(({ step }) => step === "packing");
  const checking = told.filter(({ step }) => step === "checking");
  assert.deepEqual(told, [...packing, ...checking]);
  for (const steps of [packing, checking]) {
    assert.deepEqual(
      steps,
      steps.toSorted((one, other) => one.done - other.done),
    );
    assert.equal(steps.at(-1)?.done, steps.at(-1)?.total);
  }
  assert.ok(packing.length >= 4);
  assert.equal(checking.at(-1)?.total, artifact.length);
});
