/**
 * Changes one value in a folder where hosts meet, in a process of its own, to be killed or lied to by strace: like switch-process.ts.
 * Says what came of it as JSON.
 */
import { readdirSync, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { asFailure } from "../../src/domain/failures/failure.ts";
import { beside } from "../drivers/stores/beside.ts";
import { actions } from "./meeting-actions.ts";

const [name = "", folder = ""] = process.argv.slice(2);
const action = actions[name];
if (action === undefined) throw new Error(`no action "${name}"`);
const store = beside(`${folder}/web.tar.gz`);
const act = await action.prepare(store);

await stat("/");
const worker = readdirSync("/proc/self/task").find((task) =>
  readFileSync(`/proc/self/task/${task}/comm`, "utf8").startsWith("libuv-worker"),
);
process.stdout.write(`${worker}\n`);
process.stdin.once("data", async () => {
  try {
    process.stdout.write(`${JSON.stringify(await act())}\n`);
    process.exit(0);
  } catch (error) {
    process.stdout.write(`${JSON.stringify(asFailure(error).note)}\n`);
    process.exit(1);
  }
});
