// Looks at a file once it is told to, for at most 300 ms: node check-once.ts <path>. Says its number first, then what came of it.
import { file } from "../../../src/drivers/repositories/file.ts";
import { made, makeWorld } from "./world.ts";

const [path = ""] = process.argv.slice(2);
const world = await makeWorld();
const repository = made(file, {}, { path }, world.ports);
const outcome = async () => {
  try {
    return (await repository.check(undefined, AbortSignal.timeout(300))).outcome;
  } catch (error) {
    return (error as Error).name;
  }
};
console.log(process.pid);
process.stdin.once("data", async () => {
  console.log(await outcome());
  console.log(await outcome());
  process.exit(0);
});
