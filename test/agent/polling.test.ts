import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const program = join(import.meta.dirname, "polling-process.ts");

interface Sample {
  readonly checks: number;
  readonly heap: number;
  readonly warnings: number;
  readonly resources: number;
}

test("thousands of checks, with refusals and cut connections among them, leave nothing behind", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", program, "10000", "50"], {
    timeout: 120_000,
  });
  const samples = stdout
    .trim()
    .split("\n")
    .map((line): Sample => JSON.parse(line));
  const lowest = (some: readonly Sample[]) => Math.min(...some.map(({ heap }) => heap));
  const grown = lowest(samples.slice(-4)) - lowest(samples.slice(2, 6));

  assert.equal(samples.length, 10);
  assert.ok(grown < 2_000_000, `the heap grew by ${grown} bytes in 4000 checks: ${stdout}`);
  assert.ok(
    samples.every(({ resources }) => resources < 50 * 4 + 50),
    `open handles: ${stdout}`,
  );
  assert.equal(samples.at(-1)?.warnings, 0, "a listener leaks");
});
