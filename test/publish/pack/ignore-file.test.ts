import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import zlib from "node:zlib";
import { prepareArtifact } from "../../../src/publish/pack/prepare-artifact.ts";
import { emptyFolder, lay, type Plan, pack, packHere, request } from "./fixture.ts";

function namesIn(bytes: Buffer): readonly string[] {
  const listed = execFileSync("tar", ["-tf", "-", "--quoting-style=literal"], {
    input: zlib.zstdDecompressSync(bytes),
    encoding: "utf8",
  });
  return listed.split("\n").filter((name) => name !== "");
}

const project: Plan = {
  "app.js": "app",
  "build/out.js": "out",
  "build/keep/this": "x",
  "deep/app.log": "log",
  "deep/important.log": "log",
  "doc/a.txt": "a",
  "doc/deep/b.txt": "b",
  "node_modules/x/index.js": "x",
  "src/node_modules/y/index.js": "y",
  "src/main.ts": "main",
};

describe("an ignore file", () => {
  test("leaves out what it says, with all that is below, and this is told", async (t) => {
    const rules = "# not for servers\n*.log\n!important.log\nnode_modules/\n/doc/*.txt\n";
    const folder = lay(emptyFolder(t), { ...project, ".dropshipignore": rules });

    const packed = await pack(t, folder);

    assert.deepEqual(packed.leftOut, [
      ".dropshipignore",
      "deep/app.log",
      "doc/a.txt",
      "node_modules/",
      "src/node_modules/",
    ]);
    assert.deepEqual(
      namesIn(packed.bytes).filter((name) => !name.endsWith("/")),
      ["app.js", "build/keep/this", "build/out.js", "deep/important.log", "doc/deep/b.txt", "src/main.ts"],
    );
  });

  test("leaves out what git leaves out", async (t) => {
    const rules = "*.log\n!deep/important.log\n/build/*\n!/build/keep\n**/node_modules/**\ndoc/**/b.*\n";
    const folder = lay(emptyFolder(t), { ...project, ".dropshipignore": rules });
    execFileSync("git", ["init", "-q", folder]);
    const words = ["ls-files", "--others", "-z", "--exclude-from=.dropshipignore", "--exclude=/.dropshipignore"];
    const byGit = execFileSync("git", words, { cwd: folder, encoding: "utf8" })
      .split("\0")
      .filter((name) => name !== "");

    const { bytes } = await packHere(t, folder);

    assert.ok(byGit.includes("build/keep/this"));
    assert.deepEqual(
      namesIn(bytes)
        .filter((name) => !name.endsWith("/"))
        .sort(),
      byGit.sort(),
    );
  });

  test("keeps what agents would refuse from being looked at", async (t) => {
    const rules = "*.sock\nPod\n/outside\nbad-*\n/secret/\n";
    const folder = lay(emptyFolder(t), {
      ".dropshipignore": rules,
      "Pod/x": "",
      "pod/x": "",
      outside: { link: "/etc" },
      "secret/a": "",
    });
    execFileSync("mkfifo", [join(folder, "app.sock")]);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/bad-`), Buffer.from([0xff])]), "");

    const packed = await pack(t, folder);

    assert.deepEqual(namesIn(packed.bytes), ["pod/", "pod/x"]);
    assert.deepEqual(packed.leftOut, [".dropshipignore", "Pod/", "app.sock", "bad-\u00ff", "outside", "secret/"]);
  });

  test("below the topmost folder is a file like any other", async (t) => {
    const folder = lay(emptyFolder(t), { "deep/.dropshipignore": "*\n", "deep/a": "" });

    const packed = await pack(t, folder);

    assert.deepEqual(namesIn(packed.bytes), ["deep/", "deep/.dropshipignore", "deep/a"]);
  });
});

describe("without an ignore file", () => {
  test("only what git keeps for itself is left out, a submodule's file included", async (t) => {
    const folder = lay(emptyFolder(t), { a: "", "module/.git": "gitdir: ../.git/modules/module\n", "module/b": "" });
    execFileSync("git", ["init", "-q", folder]);

    const packed = await pack(t, folder);

    assert.deepEqual(packed.leftOut, [".git/", "module/.git"]);
    assert.deepEqual(namesIn(packed.bytes), ["a", "module/", "module/b"]);
  });
});

test("what is always left out can be brought back", async (t) => {
  const folder = lay(emptyFolder(t), { ".dropshipignore": "!.git\n!.dropshipignore\n", ".git/HEAD": "ref: x\n" });

  const packed = await pack(t, folder);

  assert.deepEqual(namesIn(packed.bytes), [".dropshipignore", ".git/", ".git/HEAD"]);
  assert.deepEqual(packed.leftOut, []);
});

describe("an ignore file that cannot be used is a failure, and nothing is published in spite of it:", () => {
  const unusable: Readonly<Record<string, readonly [string, (path: string, t: TestContext) => void]>> = {
    "a link": ["it is a link", (path) => symlinkSync("a", path)],
    "a folder": ["it is no file", (path) => mkdirSync(path)],
    "a pipe": ["it is no file", (path) => execFileSync("mkfifo", [path])],
    "no text": ["it is not UTF-8", (path) => writeFileSync(path, Buffer.from([0xff, 0x0a]))],
    "a very long one": ["it is too long", (path) => writeFileSync(path, Buffer.alloc(1024 * 1024 + 1, "#"))],
  };
  for (const [name, [reason, make]] of Object.entries(unusable)) {
    test(name, async (t) => {
      const folder = lay(emptyFolder(t), { a: "x" });
      make(join(folder, ".dropshipignore"), t);

      await assert.rejects(prepareArtifact(request(t, folder)), {
        code: "ignore-file-unusable",
        message: `The ignore file ${folder}/.dropshipignore cannot be used: ${reason}.`,
      });
    });
  }
});
