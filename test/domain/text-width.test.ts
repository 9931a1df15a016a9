import assert from "node:assert/strict";
import { test } from "node:test";
import { clipText, printable, textWidth } from "../../src/domain/text-width.ts";

test("wide characters take two columns, combining ones none", () => {
  assert.deepEqual(["abc", "日本", "🚀", "e\u0301", ""].map(textWidth), [3, 4, 2, 1, 0]);
});

test("a text is clipped to its columns, never through a wide character", () => {
  assert.equal(clipText("abcdef", 6), "abcdef");
  assert.equal(clipText("abcdef", 4), "abc…");
  assert.equal(clipText("日本語", 4), "日…");
});

test("what would drive a terminal is taken out", () => {
  assert.equal(printable("a\x1b[31m\tb\u202ec\r\n"), "a\ufffd[31m  b\ufffdc\ufffd\ufffd");
});
