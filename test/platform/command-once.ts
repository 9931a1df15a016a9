// Runs the command given as argument, as the agent would, and prints what became of it; a test kills it meanwhile.
import { systemClock } from "../../src/platform/clock.ts";
import { createProcesses } from "../../src/platform/processes.ts";
import { systemRandom } from "../../src/platform/random.ts";

const result = await createProcesses({ clock: systemClock, random: systemRandom }).run({
  command: process.argv[2] ?? "",
  environment: {},
  directory: "/",
  timeout: 30_000,
  grace: 1000,
  outputLimit: 1000,
});
console.log(JSON.stringify(result));
