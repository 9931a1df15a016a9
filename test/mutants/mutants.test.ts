import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { broken, type Mutant } from "./mutant.ts";

const root = join(import.meta.dirname, "..", "..");

test("every mutant still applies to the code as it is: npm run mutants shows what catches it", async () => {
  let applied = 0;
  for (const file of globSync("*-mutants.ts", { cwd: import.meta.dirname })) {
    const { mutants } = (await import(join(import.meta.dirname, file))) as { readonly mutants: readonly Mutant[] };
    for (const mutant of mutants) {
      const source = readFileSync(join(root, mutant.file), "utf8");

      assert.notEqual(broken(mutant, source), source, mutant.name);

      applied += 1;
    }
  }
  assert.ok(applied > 150);
});
