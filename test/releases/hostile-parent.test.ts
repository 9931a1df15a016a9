import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { failure } from "../../src/domain/failures/failure.ts";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import { seal } from "../../src/releases/release-record.ts";
import type { ReleasePorts } from "../../src/releases/store-context.ts";
import { arrange, emptyFolder, newer, placeIn, ports, stageRequest } from "./fixture.ts";

/** The folder of a destination often belongs to the application's user, who can move and link there as he likes. */

function withVictim(t: TestContext) {
  const folder = emptyFolder(t);
  const victim = join(folder, "victim");
  mkdirSync(victim);
  const artifact = join(folder, "artifact");
  writeFileSync(artifact, JSON.stringify(newer));
  return { folder, victim, artifact };
}

test("an unpacking is not led elsewhere when the releases folder is moved away beneath it", async (t) => {
  const { folder, victim, artifact } = withVictim(t);
  const unpack: ReleasePorts["unpack"] = async (...request) => {
    renameSync(join(folder, ".dropship"), join(folder, "moved"));
    mkdirSync(join(folder, ".dropship/web"), { recursive: true });
    symlinkSync(victim, join(folder, ".dropship/web/.staging-r1"));
    return await ports.unpack(...request);
  };
  const store = createReleaseStore(placeIn(folder), { ...ports, unpack });

  await store.stage(stageRequest("r1", artifact)).catch(() => undefined);

  assert.deepEqual(readdirSync(victim), []);
  assert.equal(await store.has("r1"), false);
});

test("a folder above the releases that became a link is not entered", async (t) => {
  const { folder, victim, artifact } = withVictim(t);
  mkdirSync(join(victim, "web"));
  symlinkSync(victim, join(folder, ".dropship"));
  const store = createReleaseStore(placeIn(folder), ports);

  await assert.rejects(store.stage(stageRequest("r1", artifact)), { code: "releases-folder-unsafe" });

  assert.deepEqual(readdirSync(join(victim, "web")), []);
});

test("a copy in place is not led elsewhere when its beginnings are moved away", async (t) => {
  const { folder, victim } = withVictim(t);
  const { store, stage, place } = arrange(t, "in-place");
  await stage("r1", newer);
  const incoming = join(place.destination, "../.app.dropship-new");
  const makeFolder: typeof ports.files.makeFolder = async (path, mode) => {
    await ports.files.makeFolder(path, mode);
    if (path !== incoming) return;
    renameSync(incoming, join(folder, "moved"));
    symlinkSync(victim, incoming);
  };
  const hostile = createReleaseStore(place, { ...ports, files: { ...ports.files, makeFolder } });

  await assert.rejects(hostile.switchTo("r1"));

  assert.deepEqual(readdirSync(victim), []);
  assert.equal((await store.standing()).kind, "nothing");
});

test("what goes wrong in a folder that is held names it as a person does; programs find it there too", async (t) => {
  const { folder, artifact } = withVictim(t);
  const unpack: ReleasePorts["unpack"] = async ({ folder: staging }) => {
    execFileSync("ls", [staging]);
    throw failure("disk-full", { path: join(staging, "app.txt") });
  };
  const store = createReleaseStore(placeIn(folder), { ...ports, unpack });

  await assert.rejects(store.stage(stageRequest("r1", artifact)), (met: Error) => {
    assert.match(met.message, new RegExp(`for ${folder}/.dropship/web/.staging-r1/app.txt:`));
    return true;
  });
});

/** What an adoption that was cut short leaves behind, as somebody else would write it. */
function forgeMove(releases: string, id: string): void {
  mkdirSync(releases, { recursive: true, mode: 0o755 });
  const record = { release: { id, digest: "0".repeat(64), size: 0, stagedAt: 1 }, content: { kind: "tree" } };
  writeFileSync(join(releases, ".move.json"), seal({ kind: "adopting", record, by: "copy" }));
}

test("what somebody else wrote into a releases folder of his own is neither believed nor carried out", async (t) => {
  const { folder, victim } = withVictim(t);
  const place = placeIn(folder);
  forgeMove(place.releases, "../../victim");
  chmodSync(place.releases, 0o777);
  const store = createReleaseStore(place, ports);

  await assert.rejects(store.standing(), { code: "releases-folder-unsafe" });

  assert.ok(existsSync(victim));
});

test("a move of something that is no name of a release is not carried out", async (t) => {
  for (const id of ["../../victim", "..", ".", "", "/", "a/../../../victim", ".staging-x"]) {
    const { folder, victim } = withVictim(t);
    const place = placeIn(folder);
    forgeMove(place.releases, id);
    writeFileSync(join(place.releases, "bystander"), "");

    await createReleaseStore(place, ports)
      .standing()
      .catch(() => undefined);

    assert.ok(existsSync(victim), id);
    assert.ok(existsSync(join(place.releases, "bystander")), id);
  }
});
