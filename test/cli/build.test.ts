import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const root = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "dropship-build-"));
after(() => rmSync(folder, { recursive: true }));

function run(words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, AWS_EC2_METADATA_DISABLED: "true" },
    timeout: 60_000,
  });
  return { code: status, out: stdout, err: stderr };
}

const built = run([join(root, "scripts", "build.ts"), join(folder, "product")]);
const dropship = (...words: string[]) => run([join(folder, "product", "bin", "dropship.js"), ...words]);

/** A configuration of one service that follows `artifact`. */
function configure(artifact: string, name: string): string {
  const file = join(folder, `${name}.hcl`);
  const text = `state_path = "${folder}/state-${name}"
service "${name}" {
  artifact "file" {
    path = "${artifact}"
    destination = "${folder}/current/${name}"
  }
}
`;
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

test("the built product runs far from its source and its dependencies", () => {
  assert.deepEqual([built.code, built.err], [0, ""]);

  const version = dropship("version", "--json");
  const valid = dropship("validate", "--config", configure("/a", "web"));

  const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  assert.equal(JSON.parse(version.out).dropship, own.version);
  assert.deepEqual([valid.code, valid.err], [0, ""]);
});

test("the built product installs what its worker thread unpacks, with Node's decompressors and with ours", () => {
  mkdirSync(join(folder, "content"));
  mkdirSync(join(folder, "current"));
  writeFileSync(join(folder, "content", "hello"), "built\n");
  const packers = { gz: ["tar", "-czf"], xz: ["tar", "-cJf"], zip: ["bsdtar", "-a", "-cf"] };

  for (const [format, [program = "", ...options]] of Object.entries(packers)) {
    const artifact = join(folder, format === "zip" ? "content.zip" : `content.tar.${format}`);
    const packed = spawnSync(program, [...options, artifact, "-C", join(folder, "content"), "hello"]);
    assert.equal(packed.status, 0, `${program} packs ${format}`);

    const update = dropship("update", "--config", configure(artifact, format));

    assert.equal(update.code, 0, update.err);
    assert.equal(readFileSync(join(folder, "current", format, "hello"), "utf8"), "built\n");
  }
});

test("the built product asks the AWS credential chain, which is bundled with it", () => {
  const file = join(folder, "s3.hcl");
  const text = `state_path = "${folder}/state-s3"
repo "s3" {
  endpoint = "http://127.0.0.1:9"
  region   = "us-east-1"
}
service "s3" {
  artifact "s3" {
    bucket = "b"
    path = "p"
    destination = "${folder}/current/s3"
  }
}
`;
  writeFileSync(file, text, { mode: 0o600 });

  const check = dropship("check", "--json", "--config", file);

  assert.match(check.out, /"code":"credentials-missing"/);
});
