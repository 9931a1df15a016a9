// A process that counts with others: folder-process.ts <artifact> <key> <name> <up to>. Says what it tries before it tries it.
import { writeSync } from "node:fs";
import { beside } from "./beside.ts";
import { tallyOf } from "./counting.ts";
import { bytes, soon } from "./opened.ts";

const [artifact = "", key = "", name = "", upTo = "0"] = process.argv.slice(2);
const store = beside(artifact);

for (;;) {
  const present = await store.read(key, soon());
  const tally = tallyOf(present?.bytes);
  const own = (tally.by[name] ?? 0) + 1;
  if (own > Number(upTo)) break;
  writeSync(1, `try ${own}\n`);
  const next = { count: tally.count + 1, by: { ...tally.by, [name]: own } };
  const swap = await store.swap(key, bytes(JSON.stringify(next)), present?.version, soon());
  if (swap.outcome === "swapped") writeSync(1, `done ${own}\n`);
}
