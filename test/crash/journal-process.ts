// Writes one state of an update into a journal, in a process of its own, watched by strace: it tells its thread, and waits.
import { open, record, rememberedState } from "../agent/journal-fixture.ts";

const [, folder = ""] = process.argv.slice(2);
const journal = open({ path: folder, [Symbol.dispose]: () => undefined });
process.stdout.write(`${process.pid}\n`);
process.stdin.once("data", () => {
  journal.write(record("web", "one", { state: "switching" }), rememberedState("web"));
  process.exit(0);
});
