import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { verifyFolder } from "../../src/publish/verify.ts";
import { courtOf, emptyFolder, folderAt, newKey, publisher, pushContent } from "./fixture.ts";

test("verifying reports a document that somebody changed in a folder, and leaves it as it is", async (t) => {
  const key = await newKey();
  const path = emptyFolder(t);
  const web = publisher(folderAt(path), { key });
  await pushContent(web, "1.0.0", { channel: "stable" });
  await pushContent(web, "1.1.0", { channel: "stable" });
  const stable = join(path, "channels/stable");
  const altered = readFileSync(stable, "latin1").replace("1.1.0", "6.6.6");
  writeFileSync(stable, altered, "latin1");
  const refusals = async (folder: string) => {
    const findings = await verifyFolder(folderAt(folder), "web", courtOf(key), web.signal);
    return findings.flatMap(({ object, failure }) => (failure ? [`${object.split("/").at(-1)} ${failure.code}`] : []));
  };

  for (const _ of ["once", "again"]) {
    assert.deepEqual(await refusals(path), ["stable document-signature-wrong"]);
    assert.equal(readFileSync(stable, "latin1"), altered);
  }
  const mirror = join(emptyFolder(t), "mirror");
  cpSync(path, mirror, { recursive: true });
  rmSync(join(mirror, ".dropship"), { recursive: true });
  assert.deepEqual(await refusals(mirror), ["stable document-signature-wrong"]);
});
