import assert from "node:assert/strict";
import { chown, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { files } from "../../../src/platform/files.ts";
import { remount, smallDisk } from "../../releases/disks.ts";
import { beside, key, place, refusal, strange } from "./beside.ts";
import { commonPromises } from "./common-promises.ts";
import { bytes, failed, soon, textAt, versionOf } from "./opened.ts";

const disk = await mkdtemp(join(tmpdir(), "dropship-meeting-"));
after(() => rm(disk, { recursive: true, force: true }));

commonPromises("a folder on the disk", () => beside(join(disk, "web.tar.gz")));

test("it lies beside the artifact, for the agent's user alone, and can be read by a person", async (t) => {
  const { artifact, meeting, record } = await place(t);
  const store = beside(artifact);

  versionOf(await store.swap(key, bytes('{"seq":1}'), undefined, soon()));

  assert.equal(store.place, `folder ${meeting}`);
  assert.equal((await stat(meeting)).mode & 0o777, 0o700);
  const names = await readdir(record);
  const values = names.filter((name) => name.startsWith("value."));
  assert.deepEqual([names.length, values.length], [2, 1]);
  assert.equal(await readFile(join(record, values[0] ?? ""), "utf8"), '{"seq":1}');
});

test("a folder that was made for a group stays one", async (t) => {
  const { artifact, meeting, record } = await place(t);
  await mkdir(meeting);
  await files.setMode(meeting, 0o770);

  versionOf(await beside(artifact).swap(key, bytes("1"), undefined, soon()));

  assert.equal((await stat(record)).mode & 0o777, 0o770);
  for (const name of await readdir(record)) assert.equal((await stat(join(record, name))).mode & 0o777, 0o660, name);
});

test("a link or a file in the place of a folder is not followed, nor a folder that strangers made or may change", async (t) => {
  const { folder, artifact, meeting } = await place(t);
  const store = beside(artifact);
  const elsewhere = join(folder, "elsewhere");
  await mkdir(elsewhere);

  await symlink(elsewhere, meeting);
  const link = await failed(store.swap(key, bytes("1"), undefined, soon()), "rollout-folder-untrusted");
  await failed(store.read(key, soon()), "rollout-folder-untrusted");
  await rm(meeting);
  await mkdir(meeting, { mode: 0o700 });
  await symlink(elsewhere, join(meeting, "web"));
  const inner = await failed(store.swap(key, bytes("1"), undefined, soon()), "rollout-folder-untrusted");
  await rm(join(meeting, "web"));
  await files.setMode(meeting, 0o777);
  const open = await failed(store.swap(key, bytes("1"), undefined, soon()), "rollout-folder-untrusted");
  await files.setMode(meeting, 0o700);
  await chown(meeting, 1234, 1234);
  const strangers = await failed(store.swap(key, bytes("1"), undefined, soon()), "rollout-folder-untrusted");

  assert.match(link.message, /web\.tar\.gz\.rollout: it is no folder/);
  assert.match(inner.message, /web\.tar\.gz\.rollout\/web: it is no folder/);
  assert.match(open.message, /everybody may write there/);
  assert.match(strangers.message, /belongs to the user 1234/);
  assert.deepEqual(await readdir(elsewhere), []);
  await chown(folder, 1234, 1234);
  versionOf(await store.swap(key, bytes("1"), undefined, soon()));
});

test("what others keep in the folder is no key, and no key leads out of it", async (t) => {
  const { artifact, meeting, record } = await place(t);
  const store = beside(artifact);
  versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  await mkdir(join(meeting, ".snapshot/web/default/record="), { recursive: true });
  await writeFile(join(meeting, "web/default/notes.txt"), "x");
  await cp(record, `${record}0123`, { recursive: true });

  assert.deepEqual(await store.list("web/", soon()), [key]);
  for (const bad of ["../x", "web/../../x", "", "/etc/x", "a//b", "a/.", "a=b"]) {
    await assert.rejects(store.read(bad, soon()), TypeError, bad);
    await assert.rejects(store.put(bad, bytes("x"), soon()), TypeError, bad);
  }
});

test("no right, no room and a file system that may only be read are said with a way out, and nothing was done", async (t) => {
  const small = smallDisk(t, "size=1m,nr_inodes=30");
  const artifact = join(small, "web.tar.gz");
  const store = beside(artifact);
  const version = versionOf(await store.swap(key, bytes("1"), undefined, soon()));

  await writeFile(join(small, "filler"), new Uint8Array(1024 * 1024)).catch(() => undefined);
  const full = await failed(store.swap(key, bytes("x".repeat(10_000)), version, soon()), "rollout-folder-full");
  remount(small, "ro");
  const readOnly = await failed(store.swap(key, bytes("2"), version, soon()), "rollout-folder-unusable");
  const missing = beside(join(disk, "no/such/folder/web.tar.gz"));
  const nowhere = await failed(missing.swap(key, bytes("1"), undefined, soon()), "rollout-folder-unusable");
  const denied = strange(artifact, { write: () => Promise.reject(refusal("EACCES")) });
  const forbidden = await failed(denied.swap(key, bytes("2"), version, soon()), "rollout-folder-unusable");

  assert.match(full.message, /no space is left/);
  assert.match(readOnly.message, /read-only/);
  assert.match(nowhere.message, /no such folder/);
  assert.match(forbidden.message, /permission denied/);
  assert.match(forbidden.remedy, /read, write and list/);
  assert.equal(await textAt(store, key), "1");
  assert.equal(await missing.read(key, soon()), undefined);
});

test("a copy of the folder in its old state is a record that went back, not one of two", async (t) => {
  const { artifact, meeting } = await place(t);
  const store = beside(artifact);
  const first = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  await cp(meeting, `${meeting}.kept`, { recursive: true });
  versionOf(await store.swap(key, bytes("2"), first, soon()));

  await rm(meeting, { recursive: true });
  await rename(`${meeting}.kept`, meeting);

  assert.equal(await textAt(store, key), "1");
  versionOf(await store.swap(key, bytes("3"), first, soon()));
});
