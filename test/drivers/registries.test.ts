import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { archives } from "../../src/drivers/archives/registry.ts";
import { hooks } from "../../src/drivers/hooks/registry.ts";
import { probes } from "../../src/drivers/probes/registry.ts";
import { repositories } from "../../src/drivers/repositories/registry.ts";
import { stores } from "../../src/drivers/stores/registry.ts";

const root = join(import.meta.dirname, "../..");
const families = { archives, hooks, probes, repositories, stores };

/** What a file exports that looks like a driver. */
async function driversIn(path: string): Promise<readonly { readonly name: string }[]> {
  const exported = Object.values((await import(join(root, path))) as Record<string, unknown>);
  return exported.filter(
    (value): value is { name: string } =>
      typeof value === "object" && value !== null && "create" in value && "options" in value && "name" in value,
  );
}

for (const [family, registry] of Object.entries(families)) {
  test(`every driver in ${family}/ stands in its registry, under the name of its file`, async () => {
    const files = globSync(`src/drivers/${family}/*.ts`, { cwd: root });
    const found = await Promise.all(
      files.map(async (path) => (await driversIn(path)).map((driver) => ({ driver, file: basename(path, ".ts") }))),
    );

    const drivers = found.flat();

    assert.ok(drivers.length > 0, `no driver found in ${family}/`);
    for (const { driver, file } of drivers) assert.equal(driver.name, file);
    assert.deepEqual(
      new Set<unknown>(registry.all),
      new Set<unknown>(drivers.map(({ driver }) => driver)),
      "the folder and the registry hold the same",
    );
  });

  test(`every driver in ${family}/ is tested: a test file names it`, () => {
    const paths = globSync([`test/drivers/${family}/**/*.test.ts`, "test/contracts/**/*.test.ts"], { cwd: root });
    const tests = paths.map((path) => readFileSync(join(root, path), "utf8"));

    const untested = registry.all
      .map(({ name }) => name)
      .filter((name) => !tests.some((text) => text.includes(`/${name}.ts"`) || text.includes(`"${name}"`)));

    assert.deepEqual(untested, []);
  });

  test(`every option in ${family}/ says what it means`, () => {
    for (const definition of registry.all) {
      assert.match(definition.summary, /\S.*\.$/, `${definition.name}: the summary is a sentence`);
      for (const [name, option] of Object.entries(definition.options))
        assert.match(option.summary, /\S.*\.$/, `${definition.name}.${name}: the summary is a sentence`);
    }
  });
}

test("an unknown word gets a hint", () => {
  assert.match(repositories.unknown("s33"), /did you mean "s3"/);
});
