import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { file } from "../../../src/drivers/repositories/file.ts";
import { http } from "../../../src/drivers/repositories/http.ts";
import { smallDisk } from "../../releases/disks.ts";
import { startFaultProxy } from "../../servers/fault-proxy.ts";
import { startNginx } from "../../servers/nginx.ts";
import { made, makeWorld, type World } from "./world.ts";

const run = promisify(execFile);
const never = new AbortController().signal;
const fetchOnce = join(import.meta.dirname, "fetch-once.ts");
const digestOf = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");

async function withArtifact(size: number) {
  const world = await makeWorld();
  const content = randomBytes(size);
  const path = join(world.folder, "artifact");
  const target = join(world.folder, "downloads");
  await writeFile(path, content);
  await mkdir(target);
  return { world, content, path, target, file: join(target, "part") };
}

async function fetchFile(world: World, path: string, target: string) {
  const repository = made(file, {}, { path }, world.ports);
  const answer = await repository.check(undefined, never);
  assert.ok(answer.outcome === "found");
  const { marker } = answer;
  return world.download(repository, { marker, file: target, limit: 1e9, signal: never, onProgress: () => {} });
}

test("row 6: a disk that is full says so and is left as it was", async (t) => {
  const { world, path } = await withArtifact(3_000_000);
  await using _ = world;
  const part = join(smallDisk(t, "size=1m"), "part");

  const { stdout } = await run(process.execPath, [fetchOnce, "file", JSON.stringify({ path }), part], {
    timeout: 60_000,
  });

  assert.match(stdout, /^disk-full$/m);
  assert.match(stdout, /^left: $/m);
});

for (const [row, call, when] of [
  ["row 5: an error of the disk while syncing", "fsync", "1+"],
  ["row 5: an error of the disk while writing", "pwrite64,pwritev", "1+"],
] as const) {
  test(`${row} ends the download, and what is on the disk is not trusted`, async () => {
    const { world, path, file: part } = await withArtifact(3_000_000);
    await using _ = world;
    const inject = ["-f", "-qq", "-o", "/dev/null", "-e", `inject=${call}:error=EIO:when=${when}`];
    const fetch = [process.execPath, fetchOnce, "file", JSON.stringify({ path }), part];

    const { stdout } = await run("strace", [...inject, ...fetch], { timeout: 60_000 });

    assert.match(stdout, /^disk-error$/m);
    assert.match(stdout, /^left: $/m);
  });
}

test("row 1: what a killed agent had downloaded is continued by the next one", async () => {
  await using nginx = await startNginx();
  await using proxy = await startFaultProxy(nginx.endpoint);
  await using world = await makeWorld();
  const content = randomBytes(5_000_000);
  await writeFile(join(nginx.www, "app"), content);
  const part = join(world.folder, "part");
  proxy.use(() => ({ kind: "stall", after: 2_500_000 }));
  const address = JSON.stringify({ url: `${proxy.endpoint}/app` });
  const first = spawn(process.execPath, [fetchOnce, "http", address, part], { stdio: "ignore" });
  const size = await grownTo(part, 1_048_576);
  first.kill("SIGKILL");
  await once(first, "close");
  const asked: number[] = [];
  const repository = made(http, {}, { url: `${nginx.endpoint}/app` }, world.ports);
  const answer = await repository.check(undefined, never);
  assert.ok(answer.outcome === "found");
  const noting = {
    ...repository,
    open: (...request: Parameters<typeof repository.open>) => {
      asked.push(request[1]);
      return repository.open(...request);
    },
  };

  const { marker } = answer;
  const { digest } = await world.download(noting, {
    marker,
    file: part,
    limit: 1e9,
    signal: never,
    onProgress: () => {},
  });

  assert.equal(digest, digestOf(content));
  assert.equal(asked.length, 1);
  assert.ok(asked[0]! >= size && asked[0]! < content.length, `${asked}`);
});

/** The size of a file, as soon as it has at least so many bytes. */
async function grownTo(path: string, bytes: number): Promise<number> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; await sleep(10)) {
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    if (size >= bytes) return size;
  }
  throw new Error(`${path} did not grow to ${bytes} bytes`);
}

test("a note that is torn, or of another start of the machine, is not believed", async () => {
  const { world, content, path, file: part } = await withArtifact(100_000);
  await using _ = world;
  const { marker } = await fetchFile(world, path, part);
  for (const note of [
    '{"marker":',
    JSON.stringify({ marker, boot: "another" }),
    JSON.stringify({ boot: "x" }),
    "null",
  ]) {
    await writeFile(part, Buffer.alloc(100_000));
    await writeFile(`${part}.source`, note);

    assert.equal((await fetchFile(world, path, part)).digest, digestOf(content), note);
  }
});

test("row 57: the file is the agent's own, and a link in its place is replaced, not followed", async () => {
  const { world, content, path, file: part } = await withArtifact(1000);
  await using _ = world;
  const victim = join(world.folder, "victim");
  await writeFile(victim, "untouched");
  await symlink(victim, part);

  await fetchFile(world, path, part);

  assert.equal(await readFile(victim, "utf8"), "untouched");
  assert.equal((await stat(part)).mode & 0o777, 0o600);
  assert.ok((await readFile(part)).equals(content));
});
