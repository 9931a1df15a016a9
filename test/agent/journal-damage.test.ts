import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openJournal } from "../../src/agent/journal/open-journal.ts";
import { readJournal } from "../../src/agent/journal/read-journal.ts";
import { Failure } from "../../src/domain/failures/failure.ts";
import { blankState, paused } from "../../src/update/service-state.ts";
import { smallDisk } from "../releases/disks.ts";
import { ended, record, rememberedState } from "./journal-fixture.ts";

const wall = () => 1_700_000_000_000;
const open = (folder: string) => openJournal({ folder, wall });
const update = record("web", "1", { state: "switching" });
const databaseOf = (folder: string) => join(folder, "journal.db");
const copyOf = (folder: string) => join(folder, "journal-copy", "web.journal");

/** A journal with a service, an open update and a history. */
function furnish(folder: string): void {
  const journal = open(folder);
  journal.write(ended("web", "0", { evidence: [] }), rememberedState("web"));
  journal.write(update);
  journal.close();
}

/** The same again for every trial: the files of the furnished folder. */
function snapshot(folder: string): () => void {
  furnish(folder);
  const files = [databaseOf(folder), `${databaseOf(folder)}-journal`, copyOf(folder)].map(
    (path) => [path, readFileSync(path)] as const,
  );
  return () => {
    for (const name of readdirSync(folder)) if (name.startsWith("journal.db")) rmSync(join(folder, name));
    for (const [path, bytes] of files) writeFileSync(path, bytes);
  };
}

function assertRemembered(folder: string, what: string): void {
  const journal = open(folder);
  assert.deepEqual(journal.service("web"), rememberedState("web"), what);
  assert.deepEqual(journal.unfinished(), [update], what);
  journal.write(ended("web", "1"));
  assert.equal(journal.history("web", 1)[0]?.id, "1", what);
  journal.close();
}

function flip(file: string, place: number, bit: number): void {
  const bytes = readFileSync(file);
  bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
  writeFileSync(file, bytes);
}

/** All places of a small file, else the first hundred bytes and every so many. */
function places(size: number, most: number): readonly number[] {
  const step = Math.max(1, Math.floor(size / most));
  return [...Array(size).keys()].filter((place) => place < 100 || place % step === 0);
}

test("a flipped bit anywhere in the database loses nothing", (t) => {
  const folder = smallDisk(t, "size=16m");
  const reset = snapshot(folder);
  const size = statSync(databaseOf(folder)).size;
  let tried = 0;
  for (const place of places(size, 700)) {
    reset();
    flip(databaseOf(folder), place, place % 8);
    assertRemembered(folder, `byte ${place} of ${size}`);
    tried += 1;
  }
  t.diagnostic(`${tried} bytes flipped`);
});

test("a database cut anywhere loses nothing", (t) => {
  const folder = smallDisk(t, "size=16m");
  const reset = snapshot(folder);
  const size = statSync(databaseOf(folder)).size;
  let tried = 0;
  for (const length of places(size, 200)) {
    reset();
    truncateSync(databaseOf(folder), length);
    assertRemembered(folder, `${length} of ${size} bytes`);
    tried += 1;
  }
  t.diagnostic(`cut at ${tried} lengths`);
});

test("damage of the second copy is noticed and mended from the database", (t) => {
  const folder = smallDisk(t, "size=16m");
  const reset = snapshot(folder);
  const whole = readFileSync(copyOf(folder));
  for (const place of whole.keys()) {
    if (place % 5 !== 0 && place > 60) continue;
    reset();
    if (place % 2 === 0) flip(copyOf(folder), place, place % 8);
    else truncateSync(copyOf(folder), place);
    const journal = open(folder);
    assert.deepEqual(
      journal.warnings.map(({ code }) => code),
      ["second-copy-damaged"],
    );
    journal.close();
    assert.deepEqual(readFileSync(copyOf(folder)), whole);
  }
});

test("with both copies damaged the agent does not start, names the files and touches nothing", (t) => {
  const folder = smallDisk(t, "size=16m");
  const reset = snapshot(folder);
  const { length } = readFileSync(copyOf(folder));
  for (const place of Array(length).keys()) {
    if (place % 7 !== 0 && place > 60) continue;
    reset();
    truncateSync(databaseOf(folder), 5000);
    flip(copyOf(folder), place, place % 8);
    const before = [readFileSync(databaseOf(folder)), readFileSync(copyOf(folder))];

    assert.throws(
      () => open(folder),
      (thrown) =>
        thrown instanceof Failure && thrown.code === "journal-lost" && thrown.message.includes(copyOf(folder)),
      `byte ${place}`,
    );

    assert.deepEqual([readFileSync(databaseOf(folder)), readFileSync(copyOf(folder))], before);
  }
});

test("a damaged database is kept aside for whoever looks for the cause, and read from its copy meanwhile", (t) => {
  const folder = smallDisk(t, "size=16m");
  furnish(folder);
  truncateSync(databaseOf(folder), 5000);

  const reader = readJournal(folder);
  assert.deepEqual(reader.service("web"), rememberedState("web"));
  reader.close();
  const journal = open(folder);

  assert.deepEqual(
    journal.warnings.map(({ code }) => code),
    ["journal-rebuilt"],
  );
  assert.equal(statSync(`${databaseOf(folder)}.corrupt-${wall()}`).size, 5000);
  assert.deepEqual(journal.history("web", 5), []);
  journal.close();
});

test("a database that somebody removed is rebuilt; with nothing left the journal begins anew", (t) => {
  const folder = smallDisk(t, "size=16m");
  furnish(folder);
  rmSync(databaseOf(folder));
  assertRemembered(folder, "removed");

  rmSync(databaseOf(folder));
  rmSync(copyOf(folder));
  const journal = open(folder);

  assert.deepEqual(journal.service("web"), blankState("web"));
  assert.deepEqual(journal.warnings, []);
  journal.close();
});

test("a database restored from an old backup gives way to the newer second copy", (t) => {
  const folder = smallDisk(t, "size=16m");
  furnish(folder);
  const old = readFileSync(databaseOf(folder));
  const journal = open(folder);
  journal.remember(paused(journal.service("web")));
  journal.close();
  writeFileSync(databaseOf(folder), old);

  const next = open(folder);

  assert.deepEqual(
    next.warnings.map(({ code }) => code),
    ["journal-outdated"],
  );
  assert.equal(next.service("web").paused, true);
  next.close();
});

test("a journal of a newer version is refused without touching it", (t) => {
  const folder = smallDisk(t, "size=16m");
  furnish(folder);
  const database = new DatabaseSync(databaseOf(folder));
  database.exec("UPDATE meta SET value = 9 WHERE name = 'schema'; PRAGMA user_version = 9;");
  database.close();
  const before = readFileSync(databaseOf(folder));

  assert.throws(() => open(folder), { code: "journal-newer" });
  assert.throws(() => readJournal(folder), { code: "journal-newer" });

  assert.deepEqual(readFileSync(databaseOf(folder)), before);
});

test("a full disk does not stop an update that has begun", (t) => {
  const folder = smallDisk(t, "size=2m");
  furnish(folder);
  const warned: string[] = [];
  const journal = openJournal({ folder, wall, warn: ({ code }) => warned.push(code) });
  journal.write(ended("web", "1"));
  fill(folder);

  for (let step = 0; step < 20; step += 1) {
    journal.write(record("web", "2", { state: "switching", starts: step, evidence: lines(step, 200) }));
  }

  assert.equal(journal.unfinished()[0]?.starts, 19);
  assert.equal(warned[0], "second-copy-unwritable");
  journal.close();
  rmSync(join(folder, "filler"));
  const next = open(folder);
  assert.equal(next.unfinished()[0]?.starts, 19);
  assert.deepEqual(next.warnings, []);
  next.close();
});

test("what cannot be written is said and leaves the journal as it was, until there is room", (t) => {
  const folder = smallDisk(t, "size=2m");
  furnish(folder);
  const journal = open(folder);
  fill(folder);
  const huge = record("web", "1", { state: "checking-health", evidence: lines(1, 1_500_000) });

  assert.throws(
    () => journal.write(huge, blankState("web")),
    (thrown) => thrown instanceof Failure && thrown.code === "journal-unwritable" && thrown.passing,
  );

  assert.deepEqual(journal.service("web"), rememberedState("web"));
  assert.deepEqual(journal.unfinished(), [update]);
  rmSync(join(folder, "filler"));
  journal.write({ ...update, state: "running-after-hooks" });
  journal.close();
  const next = open(folder);
  assert.equal(next.unfinished()[0]?.state, "running-after-hooks");
  next.close();
});

function lines(at: number, length: number) {
  return [{ at, state: "switching", source: "s", outcome: "o", text: "x".repeat(length) }] as const;
}

function fill(folder: string): void {
  for (const size of [65536, 4096, 1]) {
    try {
      for (;;) writeFileSync(join(folder, "filler"), Buffer.alloc(size), { flag: "a" });
    } catch (thrown) {
      assert.equal((thrown as NodeJS.ErrnoException).code, "ENOSPC");
    }
  }
}

test("a writer that is killed at any moment has lost nothing that it called safe", async (t) => {
  const folder = smallDisk(t, "size=16m");
  const writer = new URL("./journal-writer.ts", import.meta.url).pathname;
  let safe = 0;
  for (let round = 0; round < 12; round += 1) {
    const child = spawn(process.execPath, [writer, folder], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.split("\n").length > 3 + round * 2) child.kill("SIGKILL");
    });
    await once(child, "close");
    safe = Math.max(safe, ...said.split("\n").slice(0, -1).map(Number));

    const reader = readJournal(folder);
    assert.ok(reader.service("web").aborts >= safe, "whoever reads after the kill sees it");
    reader.close();
    const journal = open(folder);

    assert.deepEqual(journal.warnings, []);
    const { aborts } = journal.service("web");
    assert.ok(aborts === safe || aborts === safe + 1, `${aborts} written, ${safe} called safe`);
    assert.ok(journal.unfinished().every(({ attempt }) => attempt === aborts));
    const expected = journal.unfinished().length > 0 ? aborts - 1 : aborts;
    assert.equal(journal.history("web", 1)[0]?.attempt, expected);
    journal.close();
  }
  t.diagnostic(`12 kills, ${safe} updates written`);
  assert.ok(existsSync(databaseOf(folder)));
});
