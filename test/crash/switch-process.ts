/**
 * Runs one scenario in a process of its own, to be killed or lied to by strace. All its file operations run in the one
 * thread of the pool, whose number it tells first; it begins when it is told to.
 */
import { readdirSync, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { asFailure } from "../../src/domain/failures/failure.ts";
import { openStore, scenarios } from "./switch-scenarios.ts";

const [name = "", folder = ""] = process.argv.slice(2);
const scenario = scenarios[name];
if (scenario === undefined) throw new Error(`no scenario "${name}"`);

await stat("/");
const worker = readdirSync("/proc/self/task").find((task) =>
  readFileSync(`/proc/self/task/${task}/comm`, "utf8").startsWith("libuv-worker"),
);
process.stdout.write(`${worker}\n`);
process.stdin.once("data", async () => {
  try {
    await scenario.act(openStore(folder, scenario), folder);
    process.exit(0);
  } catch (error) {
    process.stdout.write(`${JSON.stringify(asFailure(error).note)}\n`);
    process.exit(1);
  }
});
