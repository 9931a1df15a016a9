// npm run check: everything that a reviewer would check. All of it runs, even after a failure; the tests come last.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const checks = [
  { name: "types", command: ["tsc"] },
  { name: "lint and format", command: ["biome", "check", "--error-on-warnings"] },
  { name: "dead code", command: ["knip", "--no-progress"] },
  { name: "fresh docs", command: ["node", "scripts/write-reference.ts", "--check"] },
  { name: "tests", command: ["node", "scripts/test.ts", ...process.argv.slice(2)] },
];

const root = join(import.meta.dirname, "..");
const path = `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}`;
const failed = checks.filter(({ name, command: [program = "", ...options] }) => {
  console.log(`\n— ${name}: ${program} ${options.join(" ")}`);
  const started = performance.now();
  const { status } = spawnSync(program, options, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "inherit", "inherit"],
  });
  // The tests say themselves how they ended.
  if (name !== "tests")
    console.log(`  ${status === 0 ? "good" : "FAILED"} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return status !== 0;
});

if (failed.length > 0) {
  console.error(`Failed: ${failed.map(({ name }) => name).join(", ")}.`);
  process.exitCode = 1;
}
