import assert from "node:assert/strict";
import { chown, lchown, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { file } from "../../../src/drivers/repositories/file.ts";
import { made, makeWorld } from "./world.ts";

const never = new AbortController().signal;
const isRoot = process.geteuid?.() === 0;
/** Somebody who may upload; another user than the agent's where the test may make files of others. */
const uploader = isRoot ? 65534 : (process.geteuid?.() ?? 0);

async function openAt(path: string, world: Awaited<ReturnType<typeof makeWorld>>) {
  const repository = made(file, {}, { path }, world.ports);
  const answer = await repository.check(undefined, never);
  assert.ok(answer.outcome === "found");
  const body = await repository.open(answer.marker, 0, never);
  const parts: Uint8Array[] = [];
  for await (const part of body.chunks) parts.push(part);
  return Buffer.concat(parts).toString();
}

test("root follows no link of another user to a file that is not that user's: it would publish what only root may read", async () => {
  await using world = await makeWorld();
  const at = (name: string) => join(world.folder, name);
  await writeFile(at("private"), "of root", { mode: 0o600 });
  await mkdir(at("uploads"));
  await symlink(at("private"), at("uploads/web.tar"));
  await symlink("..", at("uploads/up"));
  for (const name of ["uploads", "uploads/web.tar", "uploads/up"]) await lchown(at(name), uploader, uploader);

  for (const name of ["uploads/web.tar", "uploads/up/private"]) {
    if (isRoot) await assert.rejects(openAt(at(name), world), { code: "artifact-link-untrusted" }, name);
    else assert.equal(await openAt(at(name), world), "of root");
  }
});

test("a link of root's, and one to a file of its own user, are followed", async () => {
  await using world = await makeWorld();
  const at = (name: string) => join(world.folder, name);
  await mkdir(at("uploads"));
  await writeFile(at("uploads/web-2.tar"), "two");
  await symlink("web-2.tar", at("uploads/web.tar"));
  await chown(at("uploads/web-2.tar"), uploader, uploader);
  await lchown(at("uploads/web.tar"), uploader, uploader);
  await symlink("uploads/web.tar", at("current"));

  assert.equal(await openAt(at("uploads/web.tar"), world), "two");
  assert.equal(await openAt(at("current"), world), "two");
});
