import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { administer } from "../drivers/stores/buckets.ts";
import { type Ceph, startCeph } from "../servers/ceph.ts";
import { root } from "./pages.ts";

const passphrase = "correct horse battery";

/** What the two know of a run, and how the commands stand in their files. */
const systems = {
  "github-actions.yml": {
    facts: { GITHUB_REF_NAME: "v1.4.2" },
    keyOf: (path: string) => readFileSync(path, "utf8"),
    /** Each "run: |" is a script. */
    scripts: (text: string) =>
      [...text.matchAll(/^( +)run: \|\n((?:\1 {2}.*\n)+)/gm)].map(([, indent = "", body = ""]) =>
        body.replaceAll(new RegExp(`^${indent}  `, "gm"), ""),
      ),
  },
  "gitlab-ci.yml": {
    facts: { CI_COMMIT_TAG: "v1.4.2", GITLAB_USER_LOGIN: "ann", CI_JOB_ID: "17" },
    /** A variable of the kind "file" holds its path. */
    keyOf: (path: string) => path,
    /** Each "script:" is a list of commands. */
    scripts: (text: string) =>
      [...text.matchAll(/^ {2}script:\n((?: {4}- .*\n?)+)/gm)].map(([, body = ""]) => body.replaceAll(/^ {4}- /gm, "")),
  },
} as const;

/** "NAME: value" below `env:` or `variables:`, at the top of the file. */
function variablesOf(text: string): Readonly<Record<string, string>> {
  const [, body = ""] = /^(?:env|variables):\n((?: {2}.*\n)+)/m.exec(text) ?? [];
  const lines = body.matchAll(/^ {2}(\w+): (.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = "", value = ""]) => [name, value]));
}

describe("the scripts of the examples for CI publish for real:", () => {
  let ceph: Ceph | undefined;
  const folder = mkdtempSync(join(tmpdir(), "dropship-ci-"));
  before(async () => {
    ceph = await startCeph({ version: "20" });
    mkdirSync(join(folder, "bin"));
    symlinkSync(process.execPath, join(folder, "bin", "node"));
    symlinkSync(join(root, "bin", "dropship.js"), join(folder, "bin", "dropship"));
  });
  after(async () => {
    await ceph?.stop();
    rmSync(folder, { recursive: true });
  });

  /** A checkout of the application, and how scripts run there. */
  function checkout(name: string) {
    const place = join(folder, name);
    mkdirSync(place);
    writeFileSync(join(place, "build.sh"), "#!/bin/sh\nmkdir -p dist && echo built >dist/index.html\n");
    chmodSync(join(place, "build.sh"), 0o755);
    const run = (script: string, environment: Readonly<Record<string, string>>) =>
      spawnSync("bash", ["-e", "-c", script], {
        cwd: place,
        encoding: "utf8",
        env: { HOME: place, PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, ...environment },
        timeout: 90_000,
      });
    return { place, run };
  }

  for (const [file, { facts, keyOf, scripts }] of Object.entries(systems)) {
    test(file, async () => {
      assert.ok(ceph);
      const bucket = file.split("-")[0] ?? "";
      await administer(ceph.endpoint, ceph, "PUT", `/${bucket}`);
      const text = readFileSync(join(root, "docs/guide/ci", file), "utf8");
      const { place, run } = checkout(bucket);
      const made = run("dropship keygen --out web", { DROPSHIP_SIGNING_PASSPHRASE: passphrase });
      assert.equal(made.status, 0, made.stderr);
      const secrets = {
        AWS_ACCESS_KEY_ID: ceph.accessKey,
        AWS_SECRET_ACCESS_KEY: ceph.secretKey,
        DROPSHIP_SIGNING_KEY: keyOf(join(place, "web.key")),
        DROPSHIP_SIGNING_PASSPHRASE: passphrase,
      };
      const variables = variablesOf(text);
      const here = { AWS_ENDPOINT_URL: ceph.endpoint, TARGET: `s3://${bucket}/web` };

      // A job that is run again succeeds again.
      const ended = [...scripts(text), ...scripts(text)].map((script) =>
        run(script, { ...variables, ...facts, ...secrets, ...here }),
      );

      const shown = ended.map(({ stdout, stderr }) => stdout + stderr).join("");
      assert.ok(ended.length >= 4 && ended.every(({ status }) => status === 0), shown);
      assert.match(
        shown,
        /web: published 1\.4\.2 in s3:[\s\S]*channel stable now points at 1\.4\.2[\s\S]*published already/,
      );
      assert.match(shown, /channel stable points at 1\.4\.2 already; nothing was changed/);
      for (const [name, secret] of Object.entries(secrets)) {
        assert.ok(!shown.includes(secret), name);
        assert.ok(text.includes(name), name);
      }
      assert.match(variables["TARGET"] ?? "", /^s3:\/\//);
    });
  }
});
