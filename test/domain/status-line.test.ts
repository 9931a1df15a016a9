import assert from "node:assert/strict";
import { test } from "node:test";
import { statusLine } from "../../src/domain/status-line.ts";

const at = (service: string, phase = "idle", broken = false) => ({ service, phase, broken });

test("an agent at rest tells how much it looks after", () => {
  assert.equal(statusLine([]), "looks after no services");
  assert.equal(statusLine([at("web")]), "looks after 1 service");
  assert.equal(statusLine([at("web"), at("api")]), "looks after 2 services");
});

test("what is under way stands first, in words", () => {
  const line = statusLine([at("web"), at("api", "running-before-hooks")]);

  assert.equal(line, "api: running before hooks; looks after 2 services");
});

test("a service that nobody could bring back is named until it is at work again", () => {
  assert.equal(statusLine([at("web", "idle", true)]), "web: broken; looks after 1 service");
  assert.equal(statusLine([at("web", "fetching", true)]), "web: fetching; looks after 1 service");
});

test("many at work are counted, and a name cannot break the line", () => {
  const line = statusLine(["a\nb", "c", "d", "e", "f", "g"].map((name) => at(name, "fetching")));

  assert.equal(line, "a b: fetching; c: fetching; d: fetching; e: fetching; 2 more at work; looks after 6 services");
});
