import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecrets } from "../../src/domain/secrets.ts";

test("a secret is taken out as it is, as JSON and addresses write it, and line by line", () => {
  const key = `-----BEGIN-----\n${"abcdefgh".repeat(4)}\n-----END-----`;
  const { conceal } = createSecrets(['pass"word/1', key]);

  assert.equal(conceal('say pass"word/1.'), "say [redacted].");
  assert.equal(conceal(JSON.stringify({ a: 'pass"word/1' })), '{"a":"[redacted]"}');
  assert.equal(conceal("x=pass%22word%2F1&y"), "x=[redacted]&y");
  assert.equal(conceal(`line 2: ${"abcdefgh".repeat(4)}`), "line 2: [redacted]");
});

test("one that is added later counts from then on; a very short one would tear holes into every word", () => {
  const secrets = createSecrets(["abc"]);
  assert.equal(secrets.conceal("abc later"), "abc later");

  secrets.add(["later"]);

  assert.equal(secrets.conceal("abc later"), "abc [redacted]");
});

test("what always is a secret needs nobody to name it", () => {
  const { conceal } = createSecrets();

  assert.equal(conceal("https://user:pass@host/x"), "https://[redacted]@host/x");
  assert.equal(conceal("https://h/x?X-Amz-Signature=0a1b&y=2"), "https://h/x?X-Amz-Signature=[redacted]&y=2");
  assert.equal(conceal("authorization: Bearer abcdefgh.ijk"), "authorization: Bearer [redacted]");
});
