import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { authoritiesIn } from "../../src/drivers/authorities.ts";

function inEmptyFolder(t: TestContext): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "dropship-authorities-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

const certificate = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";

test("the file is read once, and nothing is trusted but what it holds", async (t) => {
  const at = inEmptyFolder(t);
  writeFileSync(at("ca.pem"), certificate);
  const authorities = authoritiesIn(at("ca.pem"));

  assert.equal(await authorities.read(), certificate);
  rmSync(at("ca.pem"));
  assert.equal(await authorities.read(), certificate);
  assert.equal(await authoritiesIn(undefined).read(), undefined);
});

test("a file that comes later is seen then", async (t) => {
  const at = inEmptyFolder(t);
  const authorities = authoritiesIn(at("ca.pem"));

  await assert.rejects(authorities.read(), { code: "authority-unreadable", message: /ENOENT/ });
  writeFileSync(at("ca.pem"), certificate);
  assert.equal(await authorities.read(), certificate);
});

test("a pipe, a device, a folder and what is too large are refused at once", { timeout: 10_000 }, async (t) => {
  const at = inEmptyFolder(t);
  execFileSync("mkfifo", [at("pipe")]);
  writeFileSync(at("large"), certificate + "x".repeat(5 * 1024 * 1024));

  for (const path of [at("pipe"), "/dev/zero", at(".")]) {
    await assert.rejects(authoritiesIn(path).read(), { code: "authority-unreadable", message: /no regular file/ });
  }
  await assert.rejects(authoritiesIn(at("large")).read(), { code: "authority-unreadable", message: /larger than/ });
});
