import assert from "node:assert/strict";
import { test } from "node:test";
import { blank } from "../../../src/domain/rollout/start.ts";
import { waitingFor } from "../../../src/domain/rollout/waiting.ts";

const digest = "a".repeat(64);
const reason = 'web-1: Service "web" did not become healthy.';

test("a sentence that tells a reason ends with one full stop", () => {
  const record = {
    ...blank,
    denied: [{ digest, reason }],
    halt: { why: "failures", reason, at: 0 },
  } as const;
  const question = { service: "web", host: "web-2", digest, record, now: 0 };

  const denied = waitingFor("denied", question);
  const halted = waitingFor("halted", question);

  assert.equal(
    denied.sentence,
    'The fleet refuses the content aaaaaaaaaaaa: web-1: Service "web" did not become healthy.',
  );
  assert.equal(
    halted.sentence,
    'The rollout is halted: the release failed (web-1: Service "web" did not become healthy).',
  );
});
