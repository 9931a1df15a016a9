// npm test [-- path...]: all tests of test/, or those of the named files and folders, against real servers.
import { spawnSync } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const root = join(import.meta.dirname, "..");
/** One test may take so long, and a whole file; then it counts as failed. */
const testLimit = 180_000;
const fileLimit = 300_000;
/** The last resort, for a file that loops. */
const limit = 30 * 60_000;
/** So many files at a time, whatever the machine has: the servers need air. */
const filesAtATime = 2;

process.chdir(root);
const found = testFiles(process.argv.slice(2));
const files = found.filter((path) => !needsRoot(path));
const left = found.length - files.length;
if (left > 0) console.log(`Not root: ${left} files of test/package, which boot systems, are left out.`);
if (files.length === 0) stopWith(`No test files in ${process.argv.slice(2).join(", ") || "test/"}.`);
const installed = spawnSync("bash", ["test/servers/install.sh"], { stdio: ["ignore", "inherit", "inherit"] });
if (installed.status !== 0) stopWith("The test servers could not be installed; see above.");
forgetAccounts();

process.env["DROPSHIP_TEST_FILE_LIMIT"] = String(fileLimit);
const events = run({
  files,
  concurrency: filesAtATime,
  timeout: testLimit,
  signal: AbortSignal.timeout(limit),
  execArgv: ["--import", join(import.meta.dirname, "file-limit.ts")],
});
events.on("test:fail", () => {
  process.exitCode = 1;
});
events.compose(withSlowestFiles).compose(spec).pipe(process.stdout);

/** Whoever names test/package has it run in any case. */
function needsRoot(path: string): boolean {
  return path.startsWith("test/package/") && process.argv.length === 2 && process.getuid?.() !== 0;
}

function testFiles(paths: readonly string[]): string[] {
  const matched = (paths.length > 0 ? paths : ["test"]).flatMap((path) =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory() ? globSync(`${path}/**/*.test.ts`) : globSync(path),
  );
  return [...new Set(matched)].sort();
}

/** Nobody's real account may be used by a test, nor change its outcome. */
function forgetAccounts() {
  for (const name of Object.keys(process.env)) {
    if (/^(AWS_|OS_|ST_|CONSUL_|DROPSHIP_(?!TEST_))/.test(name) || /_proxy$/i.test(name)) delete process.env[name];
  }
}

/** Names the files that took longest, just before the closing lines. */
async function* withSlowestFiles(source: AsyncIterable<{ type: string; data: unknown }>) {
  const files: { name: string; seconds: number }[] = [];
  let told = false;
  for await (const event of source) {
    const data = event.data as { file?: string; duration_ms?: number; message?: string; nesting?: number };
    if (event.type === "test:summary" && data.file !== undefined)
      files.push({ name: relative(root, data.file), seconds: (data.duration_ms ?? 0) / 1000 });
    if (event.type === "test:diagnostic" && data.nesting === 0 && /^tests \d+$/.test(data.message ?? "") && !told) {
      told = true;
      const slowest = files.sort((one, other) => other.seconds - one.seconds).slice(0, 5);
      for (const { name, seconds } of slowest)
        yield { ...event, data: { ...data, message: `slow: ${name} ${seconds.toFixed(1)} s` } };
    }
    yield event;
  }
}

function stopWith(message: string): never {
  console.error(message);
  process.exit(1);
}
