import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { beside } from "./beside.ts";
import { assertCounted, tallyOf } from "./counting.ts";
import { bytes, soon, versionOf } from "./opened.ts";

const program = join(import.meta.dirname, "folder-process.ts");
const key = "web/default/record";

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dropship-counted-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What one counter said over all its lives. */
interface Said {
  tried: number;
  done: number;
  kills: number;
}

/** Runs one counter, which is killed so often in the middle of a change, and then to its end. */
async function countAndDie(artifact: string, name: string, upTo: number, kills: number): Promise<Said> {
  const said: Said = { tried: 0, done: 0, kills: 0 };
  for (let ended = false; !ended; ) {
    const child = spawn(process.execPath, [program, artifact, key, name, String(upTo)], {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: 60_000,
    });
    const ending = once(child, "exit");
    const dies = said.kills < kills ? 1 + Math.floor(Math.random() * 3) : Number.POSITIVE_INFINITY;
    let tries = 0;
    for await (const line of createInterface(child.stdout)) {
      const [what, number] = line.split(" ");
      if (what === "done") said.done = Number(number);
      if (what !== "try") continue;
      assert.ok(Number(number) >= said.done + 1, `${name} counted ${said.done} and found less`);
      assert.ok(Number(number) <= said.tried + 1, `${name} tried ${said.tried} and found more`);
      said.tried = Number(number);
      tries += 1;
      if (tries < dies) continue;
      await sleep(Math.random() * 6);
      if (child.kill("SIGKILL")) said.kills += 1;
    }
    const [code] = await ending;
    ended = code === 0;
  }
  return said;
}

test("of processes that count together and are killed in the middle of it nothing is lost and nothing counted twice", async (t) => {
  const folder = await folderFor(t);
  const artifact = join(folder, "web.tar.gz");
  const names = ["writer0", "writer1", "writer2", "writer3"];

  const said = await Promise.all(names.map((name) => countAndDie(artifact, name, 20, 6)));

  const store = beside(artifact);
  const last = await store.read(key, soon());
  assertCounted(tallyOf(last?.bytes), names.length, 20);
  assert.ok(said.reduce((sum, { kills }) => sum + kills, 0) >= 20, JSON.stringify(said));
  versionOf(await store.swap(key, bytes("1"), last?.version, soon()));
  const left = await readdir(join(`${artifact}.rollout`, "web/default"), { recursive: true });
  assert.equal(left.filter((name) => name.includes("value.")).length, 1, left.join(" "));
});
