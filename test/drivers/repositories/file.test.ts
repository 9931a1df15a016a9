import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { file } from "../../../src/drivers/repositories/file.ts";
import { repositoryContract } from "../../contracts/repository.ts";
import { made, makeWorld } from "./world.ts";

const never = new AbortController().signal;

repositoryContract("file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dropship-file-"));
  return {
    repository: (name, ports) => made(file, {}, { path: join(folder, name) }, ports),
    put: (name, content) => writeFile(join(folder, name), content),
    remove: (name) => rm(join(folder, name)),
    secrets: [],
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});

test("a relative path starts at the working directory and is shown whole", async () => {
  await using world = await makeWorld();

  const repository = made(file, {}, { path: "some/where.tar" }, world.ports);

  assert.equal(repository.artifact, join(process.cwd(), "some/where.tar"));
});

test("a folder or a pipe in the place of the file is refused by name", async () => {
  await using world = await makeWorld();
  await mkdir(join(world.folder, "folder"));

  const folder = made(file, {}, { path: join(world.folder, "folder") }, world.ports);
  const device = made(file, {}, { path: "/dev/null" }, world.ports);

  await assert.rejects(folder.check(undefined, never), {
    code: "artifact-not-a-file",
    message: /is a folder, not a file/,
  });
  await assert.rejects(device.check(undefined, never), { code: "artifact-not-a-file" });
});

test("a file that is written to while it is read ends in artifact-changed, not in a mixture", async () => {
  await using world = await makeWorld();
  const path = join(world.folder, "growing");
  await writeFile(path, Buffer.alloc(3 * 1024 * 1024, 1));
  const repository = made(file, {}, { path }, world.ports);
  const answer = await repository.check(undefined, never);
  assert.ok(answer.outcome === "found");
  const body = await repository.open(answer.marker, 0, never);

  await assert.rejects(
    async () => {
      for await (const _ of body.chunks) await writeFile(path, Buffer.alloc(3 * 1024 * 1024, 2));
    },
    { code: "artifact-changed" },
  );
});

test("another file of the same size, name and age is another marker", async () => {
  await using world = await makeWorld();
  const path = join(world.folder, "same");
  await writeFile(path, "one");
  const { atime, mtime } = await stat(path);
  const repository = made(file, {}, { path }, world.ports);
  const answer = await repository.check(undefined, never);
  assert.ok(answer.outcome === "found");

  await writeFile(`${path}.new`, "two");
  await utimes(`${path}.new`, atime, mtime);
  await rename(`${path}.new`, path);

  assert.equal((await repository.check(answer.marker, never)).outcome, "found");
});

test("a file that may not be read says so", async () => {
  await using world = await makeWorld();
  const path = join(world.folder, "private");
  await writeFile(path, "x");
  await chmod(world.folder, 0);
  const repository = made(file, {}, { path }, world.ports);
  const own = process.geteuid!();
  // root may read everything: another user asks
  if (own === 0) process.seteuid!(65534);

  const met = await repository.check(undefined, never).catch((error: unknown) => error);
  process.seteuid!(own);
  await chmod(world.folder, 0o700);

  assert.ok(met instanceof Failure);
  assert.equal(met.code, "artifact-unreadable");
});
