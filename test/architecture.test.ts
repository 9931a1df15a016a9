import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const sources = globSync("src/**/*.ts", { cwd: root }).sort();
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Source without comments and without the content of strings, so that words in messages do not count. */
function codeOf(path: string): string {
  return read(path)
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/(^|\s)\/\/.*$/gm, "")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"/g, (literal) => (literal.startsWith('"node:') ? literal : '""'));
}

test("only platform/ touches the clock, the console, the network and other processes", () => {
  const forbidden: readonly (readonly [string, RegExp])[] = [
    ["the present time", /\bDate\.now\b|\bnew Date\(\)/],
    ["console", /\bconsole\./],
    ["fetch", /^(?![\s\S]*\b(?:import|function|const)\b[^;(]*\bfetch\b)[\s\S]*(?<![.\w])fetch\(/],
    ["child_process", /"node:child_process"/],
    ["node:http", /"node:https?"/],
    ["Math.random", /\bMath\.random\b/],
  ];
  // Commands and agent speak HTTP over a socket file, which the client of platform/ does not know.
  const allowed = new Set(["src/agent/control/client.ts: node:http", "src/agent/control/server.ts: node:http"]);

  const offences = sources
    .filter((path) => !path.startsWith("src/platform/"))
    .flatMap((path) => {
      const code = codeOf(path);
      return forbidden.filter(([, pattern]) => pattern.test(code)).map(([what]) => `${path}: ${what}`);
    })
    .filter((offence) => !allowed.has(offence));

  assert.deepEqual(offences, []);
});

test("a file of the product has at most 300 lines", () => {
  const long = sources.filter((path) => read(path).trimEnd().split("\n").length > 300);

  assert.deepEqual(long, []);
});

test("only main.ts sets the exit code", () => {
  const offences = sources.filter((path) => path !== "src/main.ts" && /process\.exit(Code)?\b/.test(codeOf(path)));

  assert.deepEqual(offences, []);
});

test("no name says utils, helpers, manager or base, and there are no barrels", () => {
  const offences = sources.filter((path) => /(^|[/-])(utils?|helpers?|manager|base|index|common|misc)[.-]/.test(path));

  assert.deepEqual(offences, []);
});

test("ARCHITECTURE.md names every folder of the source", () => {
  const page = read("ARCHITECTURE.md");
  const tree = page.slice(page.indexOf("## Where things are"), page.indexOf("## Who may import whom"));
  const folders = new Set(sources.map((path) => dirname(path).split("/")[1]).filter((name) => name !== undefined));
  const families = new Set(sources.map((path) => /^src\/drivers\/([a-z]+)\//.exec(path)?.[1]).filter(Boolean));

  const missing = [...folders, ...families].filter((name) => !tree.includes(`${name}/`));

  assert.ok(folders.size > 5, "the source has folders");
  assert.deepEqual(missing, []);
});

test("ARCHITECTURE.md names no file that is not there", () => {
  const named = [...read("ARCHITECTURE.md").matchAll(/\b([a-z-]+\/)?[a-z0-9-]+\.ts\b/g)].map(([name]) => name);

  const missing = named.filter((name) => !sources.some((path) => `/${path}`.endsWith(`/${name}`)));

  assert.ok(named.length > 0);
  assert.deepEqual(missing, []);
});

test("no file speaks of a developer's machine or of the host of a package registry", () => {
  const folders = "{bench,demo,docs,scripts,src,test,bin,.ci}/**/*.{ts,js,sh,md,hcl,txt,json}";
  const files = globSync([folders, "*.{md,json}", "test/servers/install.sh", ".ci/run"], { cwd: root });
  // Written so that this file does not hold what it looks for.
  const forbidden = [
    /\/wor[k]\/(main|shared)/,
    /\/hom[e]\/[a-z]/,
    /\/User[s]\//,
    /npmj[s]\.(org|com)/,
    /debia[n]\.org/,
  ];

  const offences = files.flatMap((path) =>
    forbidden.filter((pattern) => pattern.test(read(path))).map((pattern) => `${path}: ${pattern.source}`),
  );

  assert.ok(files.length > 50);
  assert.deepEqual(offences, []);
});
