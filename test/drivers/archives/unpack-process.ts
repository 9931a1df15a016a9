import fs from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { unpack } from "../../../src/drivers/archives/unpacking/unpack.ts";
import { request } from "./arena.ts";

/** Unpacks in a process of its own and says how it ended, for tests that make system calls fail. */
const [file = "", folder = ""] = process.argv.slice(2);
const run = (into: string) => unpack(request(file, into, { sync: true }), new AbortController().signal, () => {});
const descriptors = () => fs.readdirSync("/proc/self/fd").length;
/** How many are left, once none is or five seconds are over: the pipes of a `sync` that was ended close a moment later. */
async function leakedSince(before: number): Promise<number> {
  const late = performance.now() + 5_000;
  while (descriptors() > before && performance.now() < late) await setTimeout(10);
  return descriptors() - before;
}
// Node keeps some descriptors from its first thread and its first child process on.
await run(fs.mkdtempSync(`${folder}-first-`));
const before = descriptors();
try {
  await run(folder);
  console.log(JSON.stringify({ code: "none" }));
} catch (error) {
  const failure = error instanceof Failure ? error : undefined;
  console.log(
    JSON.stringify({
      code: failure?.code ?? String(error),
      sentence: failure?.message,
      passing: failure?.passing,
      leaked: await leakedSince(before),
    }),
  );
}
