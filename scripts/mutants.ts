// npm run mutants [-- --quick] [words…]: breaks the code on purpose, in a copy, one mutant after the other, and shows that the
// tests notice. Words choose mutants by list and name; "--quick" leaves out those that take simulated fleets.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { broken, type Mutant, simulator } from "../test/mutants/mutant.ts";

const root = join(import.meta.dirname, "..");
const places = 2;
/** A mutant that makes a test hang has not made it fail. */
const limit = 15 * 60_000;

interface Ended {
  readonly failed: boolean;
  readonly output: string;
  readonly seconds: number;
}

const words = process.argv.slice(2).filter((word) => word !== "--quick");
const quick = process.argv.includes("--quick");
const chosen = (await allMutants()).filter(
  ({ list, mutant: { name, by } }) =>
    words.every((word) => `${list}: ${name}`.includes(word)) && !(quick && isSimulated(by)),
);
const begun = performance.now();
const copies: string[] = [];
const running = new Set<() => void>();
process.once("exit", () => {
  for (const end of running) end();
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
for (let place = 0; place < places; place += 1) copyTree();

const tested = chosen.flatMap(({ mutant: { by } }) => (isSimulated(by) ? [] : [by]));
const commands = new Map(tested.map((by) => [by.join(" "), by]));
await eachInCopies([...commands.values()], async (by, copy) => {
  const { failed, output } = await run(by, copy);
  // Then it would catch anything.
  if (failed) stopWith(`This fails without any mutant:\n  node ${by.join(" ")}\n${tail(output)}`);
});
const survivors: string[] = [];
await eachInCopies(chosen, async ({ list, mutant }, copy) => {
  const problem = await verdictOn(mutant, copy);
  if (problem.survived !== undefined) survivors.push(mutant.name);
  const seconds = `${problem.seconds.toFixed(1)} s`.padStart(8);
  console.log(`${problem.survived === undefined ? "caught  " : "SURVIVED"} ${seconds}  ${list}: ${mutant.name}`);
  if (problem.survived !== undefined) console.log(`  ${problem.survived.replaceAll("\n", "\n  ")}`);
});

const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
console.log(`\nCaught ${chosen.length - survivors.length} of ${chosen.length} in ${minutes} min.`);
for (const name of survivors) console.log(`  not: ${name}`);
if (chosen.length === 0 || survivors.length > 0) process.exitCode = 1;

async function allMutants() {
  const files = globSync("test/mutants/*-mutants.ts", { cwd: root }).sort();
  const lists = files.map(async (file) => {
    const { mutants } = (await import(join(root, file))) as { readonly mutants: readonly Mutant[] };
    return mutants.map((mutant) => ({ list: basename(file, "-mutants.ts"), mutant }));
  });
  return (await Promise.all(lists)).flat();
}

/** The work tree as it is, changes that are not committed included. */
function copyTree(): void {
  const copy = mkdtempSync(join(tmpdir(), "dropship-mutants-"));
  copies.push(copy);
  const listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const files = execFileSync("git", listed, { cwd: root, encoding: "utf8" }).split("\0");
  for (const file of files) if (file !== "" && existsSync(join(root, file))) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
}

/** Each item in one of the copies, which has it for itself. */
async function eachInCopies<Item>(items: readonly Item[], act: (item: Item, copy: string) => Promise<void>) {
  const waiting = [...items];
  const work = async (copy: string) => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item, copy);
  };
  await Promise.all(copies.map(work));
}

/** `survived`: why it counts as not caught. */
async function verdictOn(mutant: Mutant, copy: string): Promise<{ survived?: string; seconds: number }> {
  const file = join(copy, mutant.file);
  const source = readFileSync(file, "utf8");
  try {
    writeFileSync(file, broken(mutant, source));
    const { failed, output, seconds } = await run(mutant.by, copy);
    if (!failed) return { survived: `node ${mutant.by.join(" ")} passes`, seconds };
    if (!mutant.says.test(output))
      return { survived: `it fails, but nothing says ${mutant.says}:\n${tail(output)}`, seconds };
    writeFileSync(file, source);
    if (isSimulated(mutant.by) && !(await passesWithout(output, copy)))
      return { survived: `its seed fails without it, too:\n${tail(output)}`, seconds };
    return { seconds };
  } catch (thrown) {
    return { survived: `it no longer applies: ${(thrown as Error).message}`, seconds: 0 };
  } finally {
    writeFileSync(file, source);
  }
}

function isSimulated(by: readonly string[]): boolean {
  return by[0] === simulator;
}

/** The one seed that caught a mutant: the whole range would take longer than the mutants. */
async function passesWithout(output: string, copy: string): Promise<boolean> {
  const seed = /^Seed (\d+);/m.exec(output)?.[1];
  return seed !== undefined && !(await run([simulator, "--seeds", "1", "--seed", seed], copy)).failed;
}

async function run(by: readonly string[], copy: string): Promise<Ended> {
  const started = performance.now();
  // In a group of its own, so that all that a test started ends with it.
  const child = spawn(process.execPath, by, { cwd: copy, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const end = () => void (child.pid !== undefined && process.kill(-child.pid, "SIGKILL"));
  running.add(end);
  const late = setTimeout(end, limit);
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  clearTimeout(late);
  running.delete(end);
  const seconds = (performance.now() - started) / 1000;
  return { failed: code !== 0, output: output + errors, seconds };
}

function tail(output: string): string {
  const lines = output.trimEnd().split("\n");
  return lines
    .filter((line) => !/^\s+at /.test(line))
    .slice(-30)
    .join("\n");
}

function stopWith(message: string): never {
  console.error(message);
  process.exit(1);
}
