import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { before, test } from "node:test";
import { strip } from "../../scripts/package/strip.ts";
import { diskPorts } from "../../src/config/disk.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { makePackages, packageFolder } from "./packages.ts";

const folder = packageFolder();
let paths: readonly string[];
let deb = "";

before(
  () => {
    paths = makePackages(join(folder, "one"));
    deb = paths.find((path) => path.endsWith(".deb")) ?? "";
  },
  { timeout: 170_000 },
);

function listed(): ReadonlyMap<string, string> {
  const lines = execFileSync("dpkg-deb", ["--contents", deb], { encoding: "utf8" }).trim().split("\n");
  return new Map(lines.map((line) => [line.split(/\s+/)[5] ?? "", line]));
}

/** What `man` makes of a page of the package, and what it has to complain about. */
function manual(page: string) {
  const tree = join(folder, "tree");
  execFileSync("dpkg-deb", ["--extract", deb, tree]);
  const path = join(tree, "usr/share/man", `man${page.at(-1)}`, `${page}.gz`);
  const env = { ...process.env, MANWIDTH: "100", LC_ALL: "C.UTF-8", MANROFFSEQ: "" };
  const { stdout, stderr } = spawnSync("man", ["--warnings", "--local-file", path], { encoding: "utf8", env });
  return { text: stdout.replaceAll(/.\x08/g, ""), complaints: stderr };
}

test("the same commit gives the same bytes, whatever the umask, the time zone and the folder", () => {
  const other = join(folder, "other");
  mkdirSync(join(other, "tmp"), { recursive: true });

  const again = makePackages(join(other, "out"), [], {
    prefix: ["/bin/sh", "-c", 'umask 077; exec "$@"', "sh"],
    environment: { TZ: "Asia/Tokyo", TMPDIR: join(other, "tmp"), LC_ALL: "C" },
  });

  const digests = (files: readonly string[]) =>
    files.map((path) => [basename(path), createHash("sha256").update(readFileSync(path)).digest("hex")]);
  assert.equal(paths.length, 2);
  assert.deepEqual(digests(again), digests(paths));
});

test("lintian finds nothing that is not argued in the overrides", () => {
  const { stdout } = spawnSync("lintian", ["--fail-on", "none", "--allow-root", deb], { encoding: "utf8" });

  assert.equal(stdout, "");
});

test("everything belongs to root, and nobody else may write", () => {
  const odd = [...listed().values()].filter((line) => !/^[dl-]rw[x-]r-[x-]r-[x-] root\/root|^l/.test(line));

  assert.ok(listed().size > 50);
  assert.deepEqual(odd, []);
});

test("the package has its own runtime, the unit, the manual and the completions of three shells", () => {
  const names = [...listed().keys()];

  const missing = [
    "./usr/lib/dropship/dropship-node",
    "./usr/lib/dropship/bin/dropship.js",
    "./usr/bin/dropship",
    "./usr/lib/systemd/system/dropship.service",
    "./usr/share/dropship/dropship.hcl",
    "./etc/dropship.d/services/web.hcl.example",
    "./usr/share/man/man1/dropship.1.gz",
    "./usr/share/man/man5/dropship.hcl.5.gz",
    "./usr/share/bash-completion/completions/dropship",
    "./usr/share/zsh/vendor-completions/_dropship",
    "./usr/share/fish/vendor_completions.d/dropship.fish",
    "./usr/share/doc/dropship/copyright",
  ].filter((name) => !names.includes(name));

  assert.deepEqual(missing, []);
});

test("the manual pages are read without a complaint, and tell of every command and option", () => {
  const command = manual("dropship.1");
  const configuration = manual("dropship.hcl.5");

  assert.deepEqual([command.complaints, configuration.complaints], ["", ""]);
  assert.match(command.text, /--log-format FORMAT/);
  assert.match(command.text, /EXIT STATUS/);
  assert.match(configuration.text, /checkInterval/);
});

test("the runtime is stripped of what is not loaded, and of nothing else", () => {
  const program = readFileSync(process.execPath);

  const stripped = strip(program);

  assert.ok(stripped.length < program.length * 0.85, `${stripped.length} of ${program.length}`);
  assert.deepEqual(strip(stripped), stripped);
  assert.throws(() => strip(Buffer.from("#!/bin/sh\n".repeat(20))), /no 64-bit/);
});

test("the configuration that is shipped, and the example beside it, are accepted", () => {
  const packaging = join(import.meta.dirname, "..", "..", "packaging");
  const ports = { ...diskPorts(), userId: 1, list: () => [] };
  const judge = (text: string) =>
    loadConfiguration("/etc/dropship.d/dropship.hcl", {
      ...ports,
      environment: { S3_ACCESS_KEY: "key" },
      read: (path) => ({
        bytes: Buffer.from(path.endsWith("dropship.hcl") ? text : "secret"),
        facts: { userId: 0, mode: 0o600 },
      }),
    }).diagnostics.filter(({ severity }) => severity === "error");
  const main = readFileSync(join(packaging, "dropship.hcl"), "utf8");
  // Every line behind "# " that is HCL, taken at its word.
  const uncommented = main.replaceAll(/^# ?((repo|rollout| {2}|}).*)$/gm, "$1");
  const example = readFileSync(join(packaging, "web.hcl.example"), "utf8");

  assert.match(uncommented, /^repo "s3" {$/m);
  for (const text of [main, uncommented, example]) assert.deepEqual(judge(text), []);
});
