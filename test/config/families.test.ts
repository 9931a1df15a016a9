import assert from "node:assert/strict";
import { test } from "node:test";
import { families, secretNames } from "../../src/config/families.ts";
import { artifactOptions, healthOptions } from "../../src/config/schemas.ts";

test("no driver takes a name that every block of its kind has already", () => {
  const taken = [
    ...families.repositories.all.flatMap(({ name, artifact }) =>
      Object.keys(artifact)
        .filter((option) => Object.hasOwn(artifactOptions, option))
        .map((option) => `artifact "${name}": ${option}`),
    ),
    ...families.probes.all.flatMap(({ name, options }) =>
      Object.keys(options)
        .filter((option) => Object.hasOwn(healthOptions, option))
        .map((option) => `health "${name}": ${option}`),
    ),
  ];

  assert.deepEqual(taken, []);
});

test("the names of secrets are gathered from every schema, in small letters", () => {
  const names = secretNames(families);

  for (const name of ["secret", "password", "token", "key"]) assert.ok(names.has(name), name);
  assert.ok([...names].every((name) => name === name.toLowerCase()));
});
