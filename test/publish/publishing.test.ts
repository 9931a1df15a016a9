import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { overview } from "../../src/publish/overview.ts";
import { promote } from "../../src/publish/promote.ts";
import { planPrune, prune } from "../../src/publish/prune.ts";
import type { Publisher } from "../../src/publish/publisher.ts";
import { readDocument } from "../../src/publish/read-document.ts";
import { refresh } from "../../src/publish/refresh.ts";
import { verifyFolder } from "../../src/publish/verify.ts";
import { yank } from "../../src/publish/yank.ts";
import { courtOf, emptyFolder, folderAt, newKey, publisher, pushContent, rejectsWith } from "./fixture.ts";
import { watchedFolder } from "./watched-folder.ts";

const key = await newKey();
const other = await newKey();

/** A place of its own, published to with `key`. */
function place(t: TestContext, more: Partial<Publisher> = {}) {
  const path = emptyFolder(t);
  return { path, web: publisher(folderAt(path), { key, ...more }) };
}

/** Every file that a host may read, with its bytes. */
function published(path: string): Readonly<Record<string, string>> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(".dropship"))
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    names.map((name) => [name.slice(path.length + 1), `${statSync(name).ino} ${readFileSync(name, "latin1")}`]),
  );
}

async function stateOf(web: Publisher) {
  const { index, channels } = await overview(web);
  return {
    versions: index.versions.map(({ version }) => version),
    channels: Object.fromEntries(channels.map((one) => [one.channel, `${one.release.version} #${one.sequence}`])),
  };
}

describe("a push", () => {
  test("publishes content, document, index and channel, each of them signed", async (t) => {
    const { path, web } = place(t);

    const pushed = await pushContent(web, "1.4.2", { channel: "stable", notes: "faster" });

    const findings = await verifyFolder(web.folder, "web", courtOf(key), web.signal);
    assert.deepEqual([pushed.changed, pushed.uploaded, pushed.release.release.notes], [true, true, "faster"]);
    assert.deepEqual(Object.keys(published(path)).sort(), [
      pushed.release.release.artifact.key,
      "channels/stable",
      "index",
      "releases/1.4.2",
    ]);
    assert.deepEqual(
      findings.map(({ says, failure }) => failure?.code ?? says),
      ["channel stable of web: 1.4.2 (number 1)", "1 versions of web (number 1)", "version 1.4.2 of web"],
    );
  });

  test("done again succeeds, and not a byte is changed", async (t) => {
    const { path, web } = place(t);
    await pushContent(web, "1.4.2", { channel: "stable" });
    const before = published(path);

    const again = await pushContent(web, "1.4.2+rebuilt", { content: "1.4.2", channel: "stable", notes: "late" });

    assert.deepEqual([again.changed, again.uploaded], [false, false]);
    assert.deepEqual(published(path), before);
  });

  test("of other content under a version is refused before anything is sent", async (t) => {
    const { path, web } = place(t);
    await pushContent(web, "1.4.2", { channel: "stable" });
    const before = published(path);

    await rejectsWith(pushContent(web, "1.4.2", { content: "other" }), "version-taken", /pushed by ann@laptop/);

    assert.deepEqual(published(path), before);
  });

  test("that no host could read, or whose channel has no name, leaves nothing behind", async (t) => {
    const { path, web } = place(t);

    await rejectsWith(pushContent(web, "1.4.2", { channel: "../stable" }), "channel-name-invalid");
    await rejectsWith(pushContent(web, "v1.4.2"), "version-invalid", /leave out the "v"/);
    await rejectsWith(pushContent({ ...web, by: "two\nlines" }, "1.4.2"), "document-unwritable");
    await rejectsWith(pushContent(web, "1.4.2", { notes: "x".repeat(17_000) }), "document-unwritable");

    assert.deepEqual(published(path), {});
  });

  test("brings back content that is gone, and leaves the documents as they are", async (t) => {
    const { path, web } = place(t);
    const first = await pushContent(web, "1.4.2", { channel: "stable" });
    const { artifact } = first.release.release;
    await web.folder.remove(artifact.key, web.signal);
    await rejectsWith(promote(web, { version: "1.4.2", channel: "beta" }), "content-missing");

    const again = await pushContent(web, "1.4.2", { channel: "stable" });

    assert.deepEqual([again.uploaded, again.channel?.sequence], [true, 1]);
    assert.equal(statSync(join(path, artifact.key)).size, artifact.length);
  });

  test("of a yanked version does not bring it into a channel", async (t) => {
    const { web } = place(t);
    await pushContent(web, "1.4.2");
    await yank(web, { version: "1.4.2", reason: "loses sessions" });

    await rejectsWith(pushContent(web, "1.4.2", { channel: "stable" }), "version-yanked", /loses sessions/);

    assert.deepEqual((await stateOf(web)).channels, {});
  });
});

describe("at the same moment", () => {
  test("twelve pushes and promotions all get their place, one number each", async (t) => {
    const { web } = place(t);
    const versions = Array.from({ length: 12 }, (_, minor) => `1.${minor}.0`);

    const pushed = await Promise.all(versions.map((version) => pushContent(web, version, { channel: "stable" })));

    const { index } = await overview(web);
    assert.deepEqual(index.versions.map(({ version }) => version).sort(), versions.toSorted());
    assert.equal(index.sequence, 12);
    assert.deepEqual(
      pushed.map(({ channel }) => channel?.sequence).sort((one = 0, two = 0) => one - two),
      versions.map((_, at) => at + 1),
    );
  });

  test("two contents under one version: one of them is published, the other refused", async (t) => {
    const { web } = place(t);

    const ended = await Promise.allSettled(["a", "b"].map((content) => pushContent(web, "2.0.0", { content })));

    const refused = ended.filter((one) => one.status === "rejected");
    assert.deepEqual(
      refused.map(({ reason }) => reason.code),
      ["version-taken"],
    );
    assert.deepEqual((await stateOf(web)).versions, ["2.0.0"]);
  });
});

test("a promotion goes forth and back with ever higher numbers, and to where it is already changes nothing", async (t) => {
  const { web } = place(t);
  for (const version of ["1.0.0", "1.1.0"]) await pushContent(web, version, { channel: "stable" });

  const back = await promote(web, { version: "1.0", channel: "stable" });
  const again = await promote(web, { version: "1.0.0", channel: "stable" });
  await promote(web, { version: "1.1.0", channel: "beta" });

  assert.deepEqual([back.changed, again.changed], [true, false]);
  assert.deepEqual((await stateOf(web)).channels, { beta: "1.1.0 #1", stable: "1.0.0 #3" });
  await rejectsWith(promote(web, { version: "3.0.0", channel: "stable" }), "version-unknown");
});

test("a version that a channel points at is not yanked; another one is, once", async (t) => {
  const { web } = place(t);
  for (const version of ["1.0.0", "1.1.0"]) await pushContent(web, version, { channel: "stable" });

  await rejectsWith(yank(web, { version: "1.1.0", reason: "bad" }), "version-in-channel", /stable/);
  const first = await yank(web, { version: "1.0.0", reason: "bad" });
  const second = await yank(web, { version: "1.0.0", reason: "worse" });

  assert.deepEqual([first.changed, second.changed], [true, false]);
  assert.equal(second.document.versions[0]?.yanked?.reason, "bad");
});

describe("a prune", () => {
  test("keeps the last versions and what channels point at, and a removed version stays taken", async (t) => {
    const { path, web } = place(t);
    await pushContent(web, "1.0.0", { channel: "old" });
    for (const version of ["1.1.0", "1.2.0", "1.3.0"]) await pushContent(web, version, { channel: "stable" });
    const planned = await planPrune(web, 1);
    const before = published(path);

    const { removed, artifacts } = await prune(web, 1);

    assert.deepEqual(planned, { removed, artifacts });
    assert.deepEqual(
      removed.map(({ version }) => version),
      ["1.1.0", "1.2.0"],
    );
    assert.deepEqual((await stateOf(web)).versions, ["1.0.0", "1.3.0"]);
    const gone = Object.keys(before).filter((name) => !(name in published(path)));
    assert.deepEqual(gone.sort(), artifacts.toSorted());
    assert.deepEqual(await prune(web, 1), { removed: [], artifacts: [] });
    await rejectsWith(pushContent(web, "1.1.0", { content: "other" }), "version-taken");
  });

  test("leaves content alone that a push came to name again in the meantime", async (t) => {
    const { web } = place(t);
    for (const version of ["1.0.0", "1.1.0"]) await pushContent(web, version, { channel: "stable" });
    let rival: Promise<unknown> | undefined;
    const interrupted = watchedFolder(web.folder, (verb, name) => {
      if (verb !== "list" || name !== "artifacts/") return undefined;
      rival = pushContent(web, "1.2.0", { content: "1.0.0" });
      return rival;
    });

    const { removed, artifacts } = await prune({ ...web, folder: interrupted }, 1);

    assert.ok(rival);
    assert.deepEqual([removed.map(({ version }) => version), artifacts], [["1.0.0"], []]);
    await promote(web, { version: "1.2.0", channel: "stable" });
  });

  test("sweeps what a push that was cut off left lying for more than a day, and nothing younger", async (t) => {
    const { path, web } = place(t);
    await pushContent(web, "1.0.0", { channel: "stable" });
    const [old, young] = ["0", "1"].map((digit) => `artifacts/${digit.repeat(64)}.tar.zst`);
    for (const name of [old, young]) writeFileSync(join(path, name!), "cut");
    const dayBefore = Date.now() / 1000 - 25 * 3600;
    utimesSync(join(path, old!), dayBefore, dayBefore);

    assert.deepEqual((await prune(web, 5)).artifacts, [old]);
  });

  test("of a place where nothing is published says so", async (t) => {
    await rejectsWith(prune(place(t).web, 1), "nothing-published");
  });
});

describe("who signs", () => {
  test("builds upon nothing that their key has not signed", async (t) => {
    const { web } = place(t);
    const stranger = { ...web, key: undefined };
    await pushContent(stranger, "6.6.6", { channel: "stable" });

    await rejectsWith(pushContent(web, "1.0.0", { channel: "stable" }), "standing-unsigned");
    await rejectsWith(promote({ ...web, key: other }, { version: "6.6.6", channel: "stable" }), "standing-unsigned");
    await rejectsWith(refresh(web, undefined), "standing-unsigned");
  });

  test("begins with signing by adopting what is there", async (t) => {
    const { web } = place(t);
    await pushContent({ ...web, key: undefined }, "1.0.0", { channel: "stable" });

    const written = await refresh({ ...web, adopts: true }, undefined);

    assert.deepEqual(written, ["releases/1.0.0", "index", "channels/stable"]);
    assert.deepEqual(await stateOf(web), { versions: ["1.0.0"], channels: { stable: "1.0.0 #2" } });
    assert.equal((await pushContent(web, "1.1.0", { channel: "stable" })).changed, true);
  });

  test("replaces a key: what a release document says stays as it was, to the byte", async (t) => {
    const { web } = place(t);
    await pushContent(web, "1.0.0", { channel: "stable" });
    const before = await readDocument(web, { kind: "release", version: "1.0.0" });
    const next = { ...web, key: other };
    await rejectsWith(refresh(next, undefined), "standing-key-unknown", /signed with key .*, and not with /);

    await refresh({ ...next, trusted: [key.publicKey] }, undefined);

    const after = await readDocument(next, { kind: "release", version: "1.0.0" });
    assert.deepEqual(after?.message, before?.message);
    assert.equal(after?.signedBy, other.publicKey.number);
    assert.deepEqual(await stateOf(next), { versions: ["1.0.0"], channels: { stable: "1.0.0 #2" } });
  });

  test("is not followed by somebody without a key, whom hosts would not believe", async (t) => {
    const { path, web } = place(t);
    await pushContent(web, "1.0.0", { channel: "stable" });
    const before = published(path);
    const keyless = { ...web, key: undefined };

    await rejectsWith(pushContent(keyless, "1.0.1"), "signing-key-needed", /index/);
    await rejectsWith(refresh(keyless, "stable"), "signing-key-needed", /channels\/stable/);

    assert.deepEqual(published(path), before);
  });
});

test("what expires is valid as long as before with every change, until somebody says otherwise", async (t) => {
  const { web } = place(t);
  const day = 24 * 3_600_000;
  const validity = async () => {
    const { channels } = await overview(web);
    return channels.map(({ created, expires }) => expires && expires - created);
  };
  await pushContent({ ...web, validFor: 30 * day }, "1.0.0", { channel: "stable" });
  await pushContent(web, "1.1.0", { channel: "stable" });
  const kept = await validity();

  await refresh({ ...web, validFor: Number.POSITIVE_INFINITY, atLeast: 50 }, "stable");

  assert.deepEqual([kept, await validity()], [[30 * day], [undefined]]);
  assert.deepEqual((await stateOf(web)).channels, { stable: "1.1.0 #50" });
});
