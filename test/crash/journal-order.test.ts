import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ended, open, record } from "../agent/journal-fixture.ts";
import { emptyFolder } from "../releases/fixture.ts";
import { parseTrace, runTraced } from "./strace.ts";

const writer = fileURLToPath(import.meta.resolve("./journal-process.ts"));

test("what the journal calls written is on the disk, in both copies, and at no moment is neither whole", async (t) => {
  const folder = emptyFolder(t);
  const before = open({ path: folder, [Symbol.dispose]: () => undefined });
  before.write(record("web", "zero"));
  before.write(ended("web", "zero"));
  before.close();
  const trace = join(folder, "trace");

  const calls = "trace=pwrite64,write,fsync,fdatasync,rename,renameat2";
  const run = await runTraced("", folder, ["-y", "-s", "4096", "-o", trace, "-e", calls], writer);

  assert.deepEqual(run, { code: 0, output: "" });
  const changes = parseTrace(readFileSync(trace, "utf8"))
    .filter(({ line }) => line.includes(folder))
    .map(
      ({ name, line }) => `${/sync/.test(name) ? "sync" : name.replace("pwrite64", "write")} ${pathsIn(line, folder)}`,
    );
  const says = changes.join("\n");
  const first = (what: string) => changes.indexOf(what);
  const last = (what: string) => changes.lastIndexOf(what);
  const order = [
    first("sync journal.db-journal"),
    first("write journal.db"),
    last("write journal.db"),
    last("sync journal.db"),
    last("write journal-copy/web.journal.new"),
    last("sync journal-copy/web.journal.new"),
    last("rename journal-copy/web.journal.new journal-copy/web.journal"),
    last("sync journal-copy"),
  ];
  assert.ok(
    order.every((place, at) => place >= 0 && place >= (order[at - 1] ?? 0)),
    `what must be on the disk before what: ${order}\n${says}`,
  );
  assert.equal(last("sync journal-copy"), changes.length - 1, `nothing follows the last sync:\n${says}`);
});

function pathsIn(line: string, folder: string): string {
  const paths = [...line.matchAll(/["<]([^"<>]*)[">]/g)].map(([, path = ""]) => path);
  return paths
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.slice(folder.length + 1))
    .join(" ");
}
