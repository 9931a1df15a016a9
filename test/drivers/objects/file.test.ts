import assert from "node:assert/strict";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { file } from "../../../src/drivers/repositories/file.ts";
import type { ObjectFolder } from "../../../src/drivers/repositories/objects.ts";
import type { StorePorts } from "../../../src/drivers/stores/store.ts";
import { files } from "../../../src/platform/files.ts";
import { decoded } from "../../contracts/hook.ts";
import { objectFolderContract } from "../../contracts/object-folder-contract.ts";
import { remount, smallDisk } from "../../releases/disks.ts";
import { assertCounted, countTogether, tallyOf } from "../stores/counting.ts";
import { bytes, failed, soon, storePorts, versionOf } from "../stores/opened.ts";
import { contentOf, fetched } from "./under-test.ts";

function opened(path: string, ports: StorePorts = storePorts()): ObjectFolder {
  const folder = file.objects?.({}, decoded(file.artifact, { path }), ports);
  assert.ok(folder);
  return folder;
}

function followed(path: string, key: string) {
  return file.create({}, file.below({ path }, key), storePorts());
}

async function place(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dropship-published-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const stable = "channels/stable";
const limit = 64 * 1024;
const shownIn = (web: string) => readFile(join(web, stable), "utf8");

objectFolderContract("file", async () => {
  const disk = await mkdtemp(join(tmpdir(), "dropship-published-"));
  return {
    folder: (name = "web") => opened(join(disk, name)),
    repository: (key, name = "web") => followed(join(disk, name), key),
    lengths: [0, 10, 1024 * 1024, 3_000_001],
    [Symbol.asyncDispose]: () => rm(disk, { recursive: true, force: true }),
  };
});

test("a folder is made with its parts for everybody to read, and holds plain files", async (t) => {
  const web = join(await place(t), "web");
  const described = await contentOf(await place(t), Buffer.from("content"));

  await opened(web).upload("artifacts/x.tar", described, { signal: soon(), onProgress: () => undefined });
  versionOf(await opened(web).write(stable, bytes("1"), { ifVersion: undefined }, soon()));

  const mode = async (name: string) => ((await stat(join(web, name))).mode & 0o777).toString(8);
  assert.deepEqual(await Promise.all(["", "artifacts", "channels"].map(mode)), ["755", "755", "755"]);
  assert.deepEqual(await Promise.all(["artifacts/x.tar", stable].map(mode)), ["644", "644"]);
  assert.deepEqual((await readdir(web)).sort(), [".dropship", "artifacts", "channels"]);
  assert.deepEqual(await readdir(join(web, "artifacts")), ["x.tar"]);
  assert.equal(await readFile(join(web, "artifacts/x.tar"), "utf8"), "content");
});

test("a folder that an administrator made for a group stays one", async (t) => {
  const web = await place(t);
  await chmod(web, 0o770);

  versionOf(await opened(web).write(stable, bytes("1"), { ifVersion: undefined }, soon()));

  assert.equal((await stat(join(web, "channels"))).mode & 0o777, 0o770);
  assert.equal((await stat(join(web, stable))).mode & 0o777, 0o660);
});

test("eight who change one document at a time lose nothing, and what is shown in the end is what was decided", async (t) => {
  const web = join(await place(t), "web");
  const stores = Array.from({ length: 8 }, () => asStore(opened(web)));

  await countTogether(stores, stable, 10, 60_000).finished;

  assertCounted(tallyOf(Buffer.from(await shownIn(web))), 8, 10);
  assert.deepEqual((await readdir(join(web, "channels"))).sort(), ["stable"]);
});

/** As far as those who count together need one. */
function asStore(folder: ObjectFolder) {
  return {
    read: (key: string, signal: AbortSignal) => folder.read(key, limit, signal),
    swap: (key: string, value: Uint8Array, version: string | undefined, signal: AbortSignal) =>
      folder.write(key, value, { ifVersion: version }, signal),
  } as unknown as Parameters<typeof countTogether>[0][number];
}

test("a writer that was killed before its document was shown: the next who reads it brings it forward", async (t) => {
  const web = join(await place(t), "web");
  const first = versionOf(await opened(web).write(stable, bytes("1"), { ifVersion: undefined }, soon()));
  const dying = {
    ...files,
    rename: (from: string, to: string) =>
      to.endsWith("/stable") ? new Promise<void>(() => {}) : files.rename(from, to),
  };
  const killed = new AbortController();
  const writing = opened(web, storePorts({ files: dying })).write(
    stable,
    bytes("2"),
    { ifVersion: first },
    killed.signal,
  );
  while ((await opened(web).measure(stable, soon())) === undefined || !(await decidedIn(web)).includes("2"))
    await undefined;
  killed.abort(new Error("killed"));
  assert.equal((await writing).outcome, "unknown");
  assert.equal(await shownIn(web), "1");

  const read = await opened(web).read(stable, limit, soon());

  assert.equal(Buffer.from(read?.bytes ?? []).toString(), "2");
  assert.equal(await shownIn(web), "2");
});

async function decidedIn(web: string): Promise<readonly string[]> {
  const folder = join(web, ".dropship/channels/stable=");
  const names = (await readdir(folder)).filter((name) => name.startsWith("present."));
  const version = names[0]?.split(".")[1];
  return [await readFile(join(folder, `value.${version}`), "utf8").catch(() => "")];
}

test("a folder that was copied without what was decided in it is taken over as it is", async (t) => {
  const disk = await place(t);
  versionOf(await opened(join(disk, "web")).write(stable, bytes("1"), { ifVersion: undefined }, soon()));
  await cp(join(disk, "web/channels"), join(disk, "copy/channels"), { recursive: true });
  const copy = join(disk, "copy");

  const read = await opened(copy).read(stable, limit, soon());
  const made = await opened(copy).write(stable, bytes("x"), { ifVersion: undefined }, soon());
  const changed = await Promise.all(
    ["2", "3", "4"].map((text) => opened(copy).write(stable, bytes(text), { ifVersion: read?.version }, soon())),
  );

  assert.equal(Buffer.from(read?.bytes ?? []).toString(), "1");
  assert.equal(made.outcome, "conflict");
  assert.deepEqual(changed.map(({ outcome }) => outcome).sort(), ["conflict", "conflict", "swapped"]);
  assert.equal(await shownIn(copy), ["2", "3", "4"][changed.findIndex(({ outcome }) => outcome === "swapped")]);
});

test("the target may be a link, and nothing below it is followed", async (t) => {
  const disk = await place(t);
  await mkdir(join(disk, "real"));
  await mkdir(join(disk, "elsewhere"));
  await symlink(join(disk, "real"), join(disk, "web"));
  await symlink(join(disk, "elsewhere"), join(disk, "real/channels"));

  const described = await contentOf(disk, Buffer.from("x"));
  const upload = opened(join(disk, "web")).upload("channels/x", described, {
    signal: soon(),
    onProgress: () => undefined,
  });
  const refused = await failed(upload, "object-folder-untrusted");
  const written = await opened(join(disk, "web")).write(stable, bytes("1"), "always", soon());
  versionOf(await opened(join(disk, "web")).write("releases/1", bytes("1"), { ifVersion: undefined }, soon()));

  assert.match(refused.message, /channels: it is no folder/);
  assert.equal(written.outcome === "unknown" && written.problem.code, "object-folder-untrusted");
  assert.deepEqual(await readdir(join(disk, "elsewhere")), []);
  assert.equal(await readFile(join(disk, "real/releases/1"), "utf8"), "1");
});

test("drafts of uploads that were killed are no objects, and go with the next upload of the same", async (t) => {
  const web = join(await place(t), "web");
  const described = await contentOf(await place(t), Buffer.from("content"));
  await mkdir(join(web, "artifacts"), { recursive: true });
  const own = `.x.tar.${"0".repeat(32)}`;
  const other = `.y.tar.${"0".repeat(32)}`;
  for (const name of [own, other]) await writeFile(join(web, "artifacts", name), "half");

  const before = await opened(web).list("", soon());
  await opened(web).upload("artifacts/x.tar", described, { signal: soon(), onProgress: () => undefined });

  assert.deepEqual(before, []);
  assert.deepEqual((await readdir(join(web, "artifacts"))).sort(), [other, "x.tar"]);
});

test("a sweep removes drafts that are old, nothing younger, and nothing else", async (t) => {
  const web = join(await place(t), "web");
  await mkdir(join(web, "artifacts"), { recursive: true });
  const [old, young] = [`.x.tar.${"0".repeat(32)}`, `.x.tar.${"1".repeat(32)}`];
  for (const name of [old, young, "x.tar", ".hidden"]) {
    await writeFile(join(web, "artifacts", name), "half");
    if (name !== young) await utimes(join(web, "artifacts", name), 1, 1);
  }

  await opened(web).sweep("artifacts/", Date.now() - 60_000, soon());
  await opened(join(web, "nowhere")).sweep("artifacts/", Date.now(), soon());

  assert.deepEqual((await readdir(join(web, "artifacts"))).sort(), [".hidden", young, "x.tar"].sort());
});

test("content that is there but damaged is replaced", async (t) => {
  const web = join(await place(t), "web");
  const described = await contentOf(await place(t), Buffer.from("content"));
  await mkdir(join(web, "artifacts"), { recursive: true });
  await writeFile(join(web, "artifacts/x.tar"), "c0ntent");
  await utimes(join(web, "artifacts/x.tar"), 1, 1);

  await opened(web).upload("artifacts/x.tar", described, { signal: soon(), onProgress: () => undefined });

  assert.equal(Buffer.from(await fetched(followed(web, "artifacts/x.tar"))).toString(), "content");
});

test("no room, no right to write and no folder above are said with a way out", async (t) => {
  const small = smallDisk(t, "size=1m,nr_inodes=40");
  const web = join(small, "web");
  const version = versionOf(await opened(web).write(stable, bytes("1"), { ifVersion: undefined }, soon()));
  const large = await contentOf(await place(t), Buffer.alloc(2_000_000));
  const upload = () => opened(web).upload("artifacts/x.tar", large, { signal: soon(), onProgress: () => undefined });

  const full = await failed(upload(), "object-folder-full");
  const left = await readdir(join(web, "artifacts"));
  remount(small, "ro");
  const readOnly = await failed(
    opened(web).write(stable, bytes("2"), { ifVersion: version }, soon()),
    "object-folder-unusable",
  );
  await failed(upload(), "object-folder-unusable");
  const nowhere = await failed(
    opened("/no/such/place").write(stable, bytes("1"), "always", soon()),
    "object-folder-unusable",
  );

  assert.match(full.message, /no room .*to store artifacts\/x\.tar: no space is left/);
  assert.match(full.remedy, /dropship prune/);
  assert.deepEqual(left, []);
  assert.match(readOnly.message, /file system is read-only/);
  assert.match(nowhere.message, /no such folder/);
  assert.equal(Buffer.from((await opened(web).read(stable, limit, soon()))?.bytes ?? []).toString(), "1");
});
