import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { defaultLimits } from "../../../src/domain/service.ts";
import type { Refusal } from "../../../src/publish/pack/artifact.ts";
import { prepareArtifact } from "../../../src/publish/pack/prepare-artifact.ts";
import { emptyFolder, lay, type Plan, request } from "./fixture.ts";

/** Everything that is said against publishing this folder. Nothing may be left behind. */
async function refusals(t: TestContext, folder: string, limits = defaultLimits): Promise<readonly Refusal[]> {
  const told: (readonly Refusal[])[] = [];
  const asked = request(t, folder, { limits, onRefused: (refused) => told.push(refused) });

  const error = await prepareArtifact(asked).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

  assert.ok(error instanceof Failure, "it was packed");
  assert.equal(error.code, "source-refused");
  assert.deepEqual(readdirSync(asked.scratch), []);
  assert.equal(told.length, 1);
  const [refused = []] = told;
  assert.ok(error.message.startsWith(`${refused.length} of the files and folders in ${folder}`), error.message);
  assert.ok(error.message.includes(refused[0]?.sentence ?? "?"), error.message);
  return refused;
}

const said = (refused: readonly Refusal[]) => refused.map(({ path, code }) => [path, code]);

describe("all that agents would refuse is told at once, each with what to do:", () => {
  test("links that lead outside, in circles or to other systems", async (t) => {
    const folder = lay(emptyFolder(t), {
      "a/absolute": { link: "/etc/passwd" },
      "a/circle": { link: "circle" },
      "a/good": { link: "../b/file" },
      "a/dangling": { link: "missing" },
      "a/outside": { link: "../../x" },
      "a/through": { link: "outside/y" },
      "a/windows": { link: "C:\\x" },
      "b/file": "x",
    });

    const refused = await refusals(t, folder);

    assert.deepEqual(said(refused), [
      ["a/absolute", "archive-unsafe-link"],
      ["a/windows", "archive-unsafe-link"],
      ["a/circle", "archive-unsafe-link"],
      ["a/outside", "archive-unsafe-link"],
      ["a/through", "archive-unsafe-link"],
    ]);
    assert.match(refused[0]?.sentence ?? "", /"\/etc\/passwd" in archive entry "a\/absolute".*the target is absolute/);
    for (const { remedy } of refused) assert.match(remedy, /relative links that stay inside/);
  });

  test("names that some file system takes for one", async (t) => {
    const folder = lay(emptyFolder(t), {
      "Pod/x": "1",
      "pod/x": "2",
      "caf\u00e9": "composed",
      "cafe\u0301": "decomposed",
      "lib/stra\u00dfe": "1",
      "lib/STRASSE": "2",
      "zero\u200bwidth": "1",
      zerowidth: "2",
    });

    const refused = await refusals(t, folder);

    assert.deepEqual(said(refused), [
      ["caf\u00e9", "archive-collision"],
      ["lib/stra\u00dfe", "archive-collision"],
      ["pod", "archive-collision"],
      ["zero\\u{200b}width", "archive-collision"],
    ]);
    for (const { remedy } of refused) assert.match(remedy, /differs when case and accents are ignored/);
  });

  test("names that could mean another place, drive a terminal or are no text", async (t) => {
    const folder = lay(emptyFolder(t), {
      "C:drive": "",
      "back\\slash": "",
      "deep/bell\u0007": "",
      "line\nbreak": "",
      "right\u202eto-left": "",
      good: "",
    });
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x6c, 0xff])]), "");

    const refused = await refusals(t, folder);

    assert.deepEqual(said(refused), [
      ["C:drive", "archive-unsafe-path"],
      ["back\\u{5c}slash", "archive-unsafe-path"],
      ["deep/bell\\u{07}", "archive-unsafe-path"],
      ["line\\u{0a}break", "archive-unsafe-path"],
      ["l\u00ff", "archive-unsafe-path"],
      ["right\\u{202e}to-left", "archive-unsafe-path"],
    ]);
    for (const { sentence, remedy } of refused) {
      assert.doesNotMatch(sentence, /[\p{Cc}\u202e]/u);
      assert.match(remedy, /Rename it or remove it, or leave it out with a line in \.dropshipignore\./);
    }
  });

  test("sockets, pipes and devices", async (t) => {
    const folder = lay(emptyFolder(t), { "run/app.pid": "1" });
    const server = createServer().listen(join(folder, "run/socket"));
    t.after(() => server.close());
    execFileSync("mkfifo", [join(folder, "pipe")]);
    execFileSync("mknod", [join(folder, "null"), "c", "1", "3"]);
    execFileSync("mknod", [join(folder, "disk"), "b", "7", "0"]);

    const refused = await refusals(t, folder);

    assert.deepEqual(
      refused.map(({ path, code, sentence }) => [path, code, sentence.replace(/.*: /, "")]),
      [
        ["disk", "archive-forbidden-entry", "it is a block device."],
        ["null", "archive-forbidden-entry", "it is a character device."],
        ["pipe", "archive-forbidden-entry", "it is a FIFO."],
        ["run/socket", "archive-forbidden-entry", "it is a socket."],
      ],
    );
  });

  test("what is in a folder that is refused is not told as well", async (t) => {
    const plan: Plan = { "A/x": "", "A/y": "", "a/x": "", "a/y": "", "a/deep/z": "" };

    assert.deepEqual(said(await refusals(t, lay(emptyFolder(t), plan))), [["a", "archive-collision"]]);
  });

  test("what is too deep, too much or too many", async (t) => {
    const folder = lay(emptyFolder(t), { "a/b/c/d": "1234", "e/f": "5678", g: "9" });
    const only = async (limits: Partial<typeof defaultLimits>) => {
      const [refused, ...more] = await refusals(t, folder, { ...defaultLimits, ...limits });
      assert.deepEqual(more, []);
      assert.equal(refused?.code, "archive-too-large");
      return refused.path;
    };

    assert.equal(await only({ depth: 3 }), "a/b/c/d");
    assert.equal(await only({ entries: 5 }), "e/f");
    assert.equal(await only({ unpackedSize: 8 }), "g");
  });
});

test("what cannot be read is told before anything is packed", async (t) => {
  const folder = lay(emptyFolder(t), { open: "x", closed: "x", "room/x": "x" });
  chmodSync(folder, 0o755);
  chmodSync(join(folder, "closed"), 0o600);
  chmodSync(join(folder, "room"), 0o700);
  const scratch = emptyFolder(t);
  chownSync(scratch, 65_534, 65_534);
  const child = join(import.meta.dirname, "pack-once.ts");

  const printed = execFileSync(process.execPath, [child, folder, scratch, "tar.zst", "65534"], { encoding: "utf8" });

  assert.deepEqual(JSON.parse(printed), {
    code: "source-refused",
    refused: [
      { path: "closed", code: "source-unreadable", sentence: "closed cannot be read: permission denied." },
      { path: "room", code: "source-unreadable", sentence: "room cannot be read: permission denied." },
    ],
  });
  assert.deepEqual(readdirSync(scratch), []);
});

describe("there is nothing to publish in", () => {
  const empty: Readonly<Record<string, Plan>> = {
    "an empty folder": {},
    "a folder that holds only an ignore file": { ".dropshipignore": "" },
    "a folder of which everything is left out": { ".dropshipignore": "*\n", a: "", "b/c": "" },
  };
  for (const [name, plan] of Object.entries(empty)) {
    test(name, async (t) => {
      const asked = request(t, lay(emptyFolder(t), plan));

      await assert.rejects(prepareArtifact(asked), { code: "source-empty" });

      assert.deepEqual(readdirSync(asked.scratch), []);
    });
  }
});

describe("a folder in which the artifact would be put together", () => {
  test("is refused, for the artifact would hold itself", async (t) => {
    const folder = lay(emptyFolder(t), { a: "x" });
    mkdirSync(join(folder, "tmp"));

    await assert.rejects(prepareArtifact(request(t, folder, { scratch: join(folder, "tmp") })), {
      code: "scratch-inside",
      message: /dropship-pack-.*\/tmp, inside of /,
    });

    assert.deepEqual(readdirSync(join(folder, "tmp")), []);
  });

  test("is fine when that place is left out", async (t) => {
    const folder = lay(emptyFolder(t), { a: "x", ".dropshipignore": "/tmp/\n" });
    mkdirSync(join(folder, "tmp"));

    await using artifact = await prepareArtifact(request(t, folder, { scratch: join(folder, "tmp") }));

    assert.equal(artifact.entries, 1);
  });
});
