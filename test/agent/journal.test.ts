import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { test } from "node:test";
import { readJournal } from "../../src/agent/journal/read-journal.ts";
import { keptAttempts, keptEvidence } from "../../src/agent/journal/rows.ts";
import { blankState, paused } from "../../src/update/service-state.ts";
import { ended, open, record, rememberedState, temporaryFolder } from "./journal-fixture.ts";

test("a journal gives back what was written, also to the next agent", () => {
  using folder = temporaryFolder();
  const journal = open(folder);
  const state = rememberedState("web");
  const update = record("web", "1", { state: "switching" });

  journal.write(update, state);
  journal.remember(paused(blankState("api")));
  journal.close();
  const next = open(folder);

  assert.deepEqual(next.service("web"), state);
  assert.deepEqual(next.unfinished(), [update]);
  assert.deepEqual(
    next.services().map(({ service }) => service),
    ["api", "web"],
  );
  assert.deepEqual(next.service("unknown"), blankState("unknown"));
  assert.deepEqual(next.warnings, []);
  next.close();
});

test("an update that ended moves to the history, with what was observed", () => {
  using folder = temporaryFolder();
  const journal = open(folder);
  const line = { at: 1, state: "checking-health", source: "health", outcome: "unhealthy", text: "no" } as const;

  journal.write(record("web", "1"));
  journal.write(ended("web", "1", { outcome: "rolled-back", evidence: [line], downSince: 1100, settledAt: 1900 }));
  journal.write(ended("web", "2", { evidence: [line] }));

  assert.deepEqual(journal.unfinished(), []);
  assert.deepEqual(
    journal.history("web", 10).map(({ id, outcome, downtime }) => [id, outcome, downtime]),
    [
      ["2", "updated", undefined],
      ["1", "rolled-back", 800],
    ],
  );
  assert.equal(journal.attempt("web")?.id, "2");
  assert.equal(journal.attempt("web", "1")?.outcome, "rolled-back");
  assert.equal(journal.attempt("api", "1"), undefined);
  assert.deepEqual(journal.evidence("1"), [line]);
  journal.write(ended("web", "3"));
  assert.deepEqual(journal.evidence("1"), [line], "evidence of a failed attempt is kept");
  assert.deepEqual(journal.evidence("2"), [], "evidence of a good attempt is kept until the next one");
  journal.close();
});

test("the history, its evidence and the file stay within bounds", () => {
  using folder = temporaryFolder();
  const journal = open(folder);
  const text = "x".repeat(100);
  const evidence = [{ at: 1, state: "checking-health", source: "s", outcome: "o", text }] as const;
  for (let id = 0; id < keptAttempts + 50; id += 1) {
    journal.write(ended("web", `${id}`, { outcome: "aborted", evidence }));
  }
  const size = statSync(`${folder.path}/journal.db`).size;

  const ids = journal.history("web", 1000).map(({ id }) => Number(id));

  assert.equal(ids.length, keptAttempts);
  assert.equal(ids[0], keptAttempts + 49);
  assert.equal(ids.filter((id) => journal.evidence(String(id)).length > 0).length, keptEvidence);
  for (let id = 0; id < 50; id += 1) journal.write(ended("web", `again ${id}`, { outcome: "aborted", evidence }));
  assert.equal(statSync(`${folder.path}/journal.db`).size, size, "the file does not grow any more");
  journal.close();
});

test("what operators did is written down", () => {
  using folder = temporaryFolder();
  const journal = open(folder);

  journal.audit({ at: 1, who: "root", action: "pin", service: "web", detail: "aaaa" });
  journal.audit({ at: 2, who: "root", action: "unpin", service: "web" });

  assert.deepEqual(
    journal.audits(10).map(({ action }) => action),
    ["unpin", "pin"],
  );
  journal.close();
});

test("a service with an unfinished update is not forgotten, another is, with both copies", () => {
  using folder = temporaryFolder();
  const journal = open(folder);
  journal.write(record("web", "1"));
  journal.remember(rememberedState("old"));

  assert.throws(() => journal.forget("web"), { code: "service-busy" });
  journal.forget("old");

  assert.deepEqual(readdirSync(`${folder.path}/journal-copy`), ["web.journal"]);
  journal.close();
  const next = open(folder);
  assert.deepEqual(next.service("old"), blankState("old"));
  next.close();
});

test("another process reads along while the agent writes, and after it", () => {
  using folder = temporaryFolder();
  const empty = readJournal(folder.path);
  assert.deepEqual(empty.services(), []);
  const journal = open(folder);
  journal.write(record("web", "1"), rememberedState("web"));

  const reader = readJournal(folder.path);

  assert.deepEqual(reader.service("web"), rememberedState("web"));
  assert.equal(reader.unfinished()[0]?.id, "1");
  journal.write(ended("web", "1"));
  assert.deepEqual(reader.unfinished(), [], "it sees what was written since");
  assert.equal(reader.history("web", 5).length, 1);
  journal.close();
  assert.equal(reader.service("web").current?.id, "a".repeat(12));
  reader.close();
});

test("hundreds of services cost little to remember and to open", (context) => {
  using folder = temporaryFolder();
  const journal = open(folder);
  const begin = performance.now();
  for (let id = 0; id < 300; id += 1) journal.remember(rememberedState(`service-${id}`));
  const written = performance.now();
  journal.close();
  const next = open(folder);
  const opened = performance.now();

  assert.equal(next.services().length, 300);
  context.diagnostic(
    `a change ${((written - begin) / 300).toFixed(2)} ms; opened in ${(opened - written).toFixed()} ms`,
  );
  next.close();
});

test("services of any name have a second copy of their own", () => {
  using folder = temporaryFolder();
  const journal = open(folder);
  const names = ["..", "a/b", ".new", "ü", "x".repeat(300), "a b", "=x"];

  for (const name of names) journal.remember(rememberedState(name));

  assert.equal(readdirSync(`${folder.path}/journal-copy`).length, names.length);
  journal.close();
});
