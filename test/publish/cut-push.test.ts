import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { overview } from "../../src/publish/overview.ts";
import { verifyFolder } from "../../src/publish/verify.ts";
import { courtOf, emptyFolder, folderAt, newKey, publisher, pushContent } from "./fixture.ts";

const key = await newKey();
const entry = join(import.meta.dirname, "cut-push-process.ts");

/** Pushes 1.1.0, and is killed before the request with this number. */
function pushUntil(path: string, request: number) {
  const words = [entry, path, key.text, "1.1.0", String(request)];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8", timeout: 60_000 });
  return { status, signal, stdout, stderr };
}

/** What hosts come to follow there, once all that they would check has been checked. */
async function followed(path: string) {
  const web = publisher(folderAt(path), { key });
  const findings = await verifyFolder(web.folder, "web", courtOf(key), web.signal);
  const { index, channels } = await overview(web);
  const contents = [...index.versions, ...channels.map(({ release }) => release.artifact)];
  return {
    refused: findings.filter(({ failure }) => failure !== undefined),
    wrong: contents.filter(
      ({ key: name, sha256 }) =>
        sha256 !==
        createHash("sha256")
          .update(readFileSync(join(path, name)))
          .digest("hex"),
    ),
    channel: channels.map(({ channel, release, sequence }) => `${channel} ${release.version} #${sequence}`).join(),
    versions: index.versions.map(({ version }) => version),
  };
}

test("row 36: a push that is killed before any of its requests leaves the old or the new release, and is finished by the same push", async (t) => {
  const published = emptyFolder(t);
  await pushContent(publisher(folderAt(published), { key }), "1.0.0", { channel: "stable" });
  const seen = new Set<string>();
  let killed = 0;

  for (let request = 0; ; request++) {
    const path = join(emptyFolder(t), "web");
    cpSync(published, path, { recursive: true });

    const { status, signal, stderr } = pushUntil(path, request);
    const after = await followed(path);
    const again = pushUntil(path, Number.NaN);
    const whole = await followed(path);

    assert.ok(status === 0 || signal === "SIGKILL", stderr);
    assert.deepEqual([after.refused, after.wrong], [[], []]);
    assert.ok(["stable 1.0.0 #1", "stable 1.1.0 #2"].includes(after.channel), after.channel);
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(whole, { refused: [], wrong: [], channel: "stable 1.1.0 #2", versions: ["1.0.0", "1.1.0"] });
    seen.add(`${after.versions.length} versions, ${after.channel}`);
    if (status === 0) break;
    killed += 1;
  }

  assert.ok(killed >= 10, `${killed} requests`);
  assert.deepEqual(
    [...seen],
    ["1 versions, stable 1.0.0 #1", "2 versions, stable 1.0.0 #1", "2 versions, stable 1.1.0 #2"],
  );
});
