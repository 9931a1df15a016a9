import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const root = join(import.meta.dirname, "..", "..");
const entry = join(root, "bin", "dropship.js");
const folder = mkdtempSync(join(tmpdir(), "dropship-entry-"));
after(() => rmSync(folder, { recursive: true }));

/** The real command line in a process of its own. */
function dropship(words: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...words], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    timeout: 20_000,
  });
  return { code: status, out: stdout, err: stderr };
}

function config(text: string): string {
  const file = join(folder, `${Math.abs(text.length)}.hcl`);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const service = 'service "web" {\n  artifact "file" {\n    path = "/a"\n    destination = "/srv/web"\n  }\n}\n';

test("dropship alone tells what to try first", () => {
  const { code, out, err } = dropship([]);

  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /dropship validate .*\n.*dropship check .*\n.*dropship agent /);
});

test("validate accepts a good file and shows every mistake of a bad one", () => {
  const good = dropship(["validate", "--config", config(service)]);
  const bad = dropship(["validate"], { DROPSHIP_CONFIG: config(`${service}reop "s3" { }\n`) });

  assert.deepEqual([good.code, good.err], [0, ""]);
  assert.match(good.out, /^good: .*\.hcl: 1 service \(web\)\n$/);
  assert.equal(bad.code, 4);
  assert.match(
    bad.err,
    /:7:1: error: the main file has no block "reop"; did you mean "repo"\?\n {2}7 \| reop "s3" \{ \}\n {4}\| \^\^\^\^\n/,
  );
  assert.match(bad.err, /is refused, 1 error\n$/);
});

test("validate --json is one document with every place", () => {
  const { code, out } = dropship(["validate", "--json", "--config", config(`${service}x = 1\n`)]);
  const { valid, diagnostics } = JSON.parse(out);

  assert.equal(code, 4);
  assert.equal(valid, false);
  assert.deepEqual([diagnostics[0].severity, diagnostics[0].place.line, diagnostics[0].place.column], ["error", 7, 1]);
});

test("explain knows the drivers of the registries", () => {
  const { code, out } = dropship(["explain", "repo", "s3"]);

  assert.equal(code, 0);
  assert.match(out, /^repo "s3" \{ … \}\n[\s\S]*secret[^\n]*secret[\s\S]*artifact "s3" \{ … \}[\s\S]*destination = "/);
});

test("unknown words exit with 2 and say what may be meant", () => {
  const { code, out, err } = dropship(["explian"]);

  assert.deepEqual([code, out], [2, ""]);
  assert.equal(
    err,
    'error: There is no command "explian"; did you mean "explain"?\n  Run "dropship help" for the list.\n',
  );
});

test("colours are forced and forbidden by the environment", () => {
  assert.match(dropship(["help"], { FORCE_COLOR: "1" }).out, /\u001b\[1mCommands/);
  assert.doesNotMatch(dropship(["help"], { FORCE_COLOR: "1", NO_COLOR: "1" }).out, /\u001b/);
  assert.doesNotMatch(dropship(["help", "--no-color"], { FORCE_COLOR: "1" }).out, /\u001b/);
});

test("a reader that goes away is no failure", async () => {
  const child = spawn(process.execPath, [entry, "help"], { stdio: ["ignore", "pipe", "pipe"], timeout: 20_000 });
  child.stdout.destroy();
  let err = "";
  child.stderr.on("data", (piece) => {
    err += piece;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));

  assert.deepEqual([code, err], [0, ""]);
});

test("bash completes commands, options, topics, services and files with the script", () => {
  const file = join(folder, "completion.bash");
  writeFileSync(file, dropship(["completion", "bash"]).out);
  const main = config(`${service}${service.replace('"web"', '"web two"').replace("/srv/web", "/srv/two")}`);
  const program = `
    dropship() { "${process.execPath}" "${entry}" "$@"; }
    . "${file}"
    try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dropship; printf '%s;' "\${COMPREPLY[@]}"; echo; }
    try dropship roll
    try dropship rollback ""
    try dropship --config /x history --li
    try dropship explain heal
    try dropship help comp
    try dropship rollback web ""
    try dropship rollout pa
    try dropship rollout pause ""
    try dropship rollout pause web ""
    try dropship push "${folder}/completion.b"`;
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", program], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", DROPSHIP_CONFIG: main },
    timeout: 20_000,
  });

  assert.equal(stderr, "");
  assert.deepEqual(stdout.trimEnd().split("\n"), [
    "rollback;rollout;",
    "web;web\\ two;",
    "--limit;",
    "health;",
    "completion;",
    ";",
    "pause;",
    "web;web\\ two;",
    ";",
    `${file};`,
  ]);
});

test("the completion scripts of all shells name every command", () => {
  const names = JSON.parse(dropship(["help", "--json"]).out).commands.map(({ name }: { name: string }) => name);
  for (const shell of ["bash", "zsh", "fish"]) {
    const script = dropship(["completion", shell]).out;

    assert.deepEqual(
      names.filter((name: string) => !script.includes(name)),
      [],
      shell,
    );
  }
});
