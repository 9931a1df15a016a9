import assert from "node:assert/strict";
import { test } from "node:test";
import { repositories } from "../../../src/drivers/repositories/registry.ts";

test("artifact options say what they mean, and what is secret is marked", () => {
  for (const { name, options, artifact } of repositories.all) {
    for (const [option, { summary }] of Object.entries(artifact)) assert.match(summary, /\S.*\.$/, `${name}.${option}`);
    for (const option of ["secret", "password", "token", "key"]) {
      if (option in options) assert.equal(options[option]?.secret, true, `${name}.${option}`);
    }
  }
});
