import assert from "node:assert/strict";
import { test } from "node:test";
import { asFailure, failure } from "../../src/domain/failures/failure.ts";

test("what others said cannot drive a terminal through a failure, nor begin a line of its own", () => {
  const last = ": \u001b]0;owned\u0007\u009b2J\u202egnp.exe\r\nerror: all is lost";
  const { sentence, remedy } = failure("hook-failed", { hook: "script (a\u001b[31m)", code: 1, last }).note;
  const met = asFailure(new Error("first line\n  second\tline\u001b[2J"));

  assert.doesNotMatch(`${sentence}${remedy}${met.message}`, /[\p{Cc}\u202a-\u202e]/u);
  assert.match(sentence, /error: all is lost/);
  assert.match(met.message, /first line second {2}line/);
});
