import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { emptyFolder } from "../releases/fixture.ts";
import { parseTrace, runTraced } from "./strace.ts";
import { openStore, scenarios } from "./switch-scenarios.ts";

/** One change of the disk, with paths relative to the test's folder. A sync names the file that was synced. */
interface Change {
  readonly what: string;
  readonly paths: readonly string[];
}

/** With `-y`, strace writes the path behind each file descriptor: `fsync(22</srv/app>)`. */
async function recordChanges(folder: string, name: "install" | "update"): Promise<readonly Change[]> {
  const scenario = scenarios[name];
  assert.ok(scenario !== undefined);
  const home = join(folder, "home");
  mkdirSync(home);
  await scenario.arrange(openStore(home, scenario), home);
  const trace = join(folder, "trace");
  const calls = "openat,pwrite64,fsync,mkdir,symlink,rename,fchmod";
  const run = await runTraced(name, home, ["-y", "-s", "4096", "-o", trace, "-e", `trace=${calls}`]);
  assert.deepEqual(run, { code: 0, output: "" });
  return parseTrace(readFileSync(trace, "utf8"))
    .filter(({ name, line }) => name !== "openat" || line.includes("O_CREAT"))
    .map(({ name, line }) => ({
      what: name,
      paths: [...line.matchAll(/["<]([^">]*)[">]/g)]
        .map(([, path = ""]) => path)
        .filter((path) => path.startsWith(home))
        .map((path) => path.slice(home.length + 1)),
    }));
}

for (const name of ["install", "update"] as const) {
  test(`a power cut finds whole files behind every name: ${name}`, async (t) => {
    const changes = await recordChanges(emptyFolder(t), name);
    const releases = ".dropship/web";
    const staged = `${releases}/.staging-v2`;
    const position = (what: string, ...paths: readonly string[]) => {
      const index = changes.findIndex(
        (change) => change.what === what && paths.every((path, at) => change.paths[at] === path),
      );
      assert.ok(index >= 0, `no ${what} of ${paths.join(", ")} in ${JSON.stringify(changes, null, 1)}`);
      return index;
    };
    const last = (what: string, path: string) =>
      changes.findLastIndex((change) => change.what === what && change.paths.includes(path));
    const published = position("rename", staged, `${releases}/v2`);
    const switched = position("rename", ".app.dropship-new", "app");

    const content = ["app.txt", "lib/code.txt"].map((file) => `${staged}/${file}`);
    for (const file of content) {
      assert.ok(last("pwrite64", file) < position("fsync", file), `${file} is synced after its last byte`);
      assert.ok(position("fsync", file) < published, `${file} is synced before the release is in sight`);
    }
    for (const folder of [`${staged}/lib`, staged]) {
      const lastName = changes.findLastIndex(
        ({ what, paths }) =>
          ["openat", "mkdir", "symlink"].includes(what) && paths.some((path) => join(path, "..") === folder),
      );
      assert.ok(lastName < last("fsync", folder), `${folder} is synced after its last name`);
      assert.ok(last("fsync", folder) < published, `${folder} is synced before the release is in sight`);
    }
    const dressed = last("fchmod", staged);
    assert.ok(dressed >= 0 && dressed < last("fsync", staged), "the mode of the release is on the disk, too");
    const recorded = position("rename", `${releases}/v2.json.new`, `${releases}/v2.json`);
    assert.ok(position("fsync", `${releases}/v2.json.new`) < recorded);
    const order = [
      recorded,
      published,
      last("fsync", releases),
      position("symlink", ".app.dropship-new"),
      switched,
      last("fsync", ""),
    ];
    assert.deepEqual(
      order,
      order.toSorted((one, other) => one - other),
    );
    assert.equal(new Set(order).size, order.length);
    assert.equal(last("fsync", ""), changes.length - 1, "the switch is durable when it returns, and nothing follows");
  });
}
