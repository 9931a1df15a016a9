import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FleetStore } from "./fleet.ts";
import { serviceText } from "./fleet-host.ts";

const run = promisify(execFile);
const entry = join(import.meta.dirname, "..", "..", "bin", "dropship.js");

/** A machine that has the configuration and nothing else: no agent, no state folder. */
export interface Operator {
  /** Says `dropship rollout <words>`, by the command line; fails with what it printed unless it ends with `code`. */
  rollout(words: readonly string[], code?: number): Promise<string>;
}

/** `folder`: for its configuration. */
export function createOperator(store: FleetStore, folder: string, rollout: string): Operator {
  const main = join(folder, "operator.hcl");
  const settings = { main: store.main(0), artifact: store.artifact, rollout };
  writeFileSync(main, `${settings.main}\n${serviceText(() => join(folder, "none"), settings)}`, { mode: 0o600 });
  return {
    async rollout(words, code = 0) {
      const call = [entry, "rollout", ...words, "--config", main];
      const ended = await run(process.execPath, call, { timeout: 60_000 }).then(
        ({ stdout }) => ({ code: 0, text: stdout }),
        (failed) => ({ code: failed.code, text: `${failed.stdout}${failed.stderr}` }),
      );
      assert.equal(ended.code, code, ended.text);
      return ended.text;
    },
  };
}
