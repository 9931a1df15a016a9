import assert from "node:assert/strict";
import { test } from "node:test";
import { renderDiagnostics } from "../../src/config/render-diagnostics.ts";
import { load, mainFile } from "./memory-ports.ts";

/** The line and the carets below it. */
function shown(text: string): string[] {
  const lines = load({ [mainFile]: text }).text.split("\n");
  return lines.slice(1, 3).map((line) => line.slice(line.indexOf("|") + 2));
}

test("the caret stands under what is meant behind tabs and wide characters", () => {
  assert.deepEqual(shown('\t"日本🚀é" = oops'), ['  "日本🚀é" = oops', "              ^^^^"]);
});

test("a very long line is clipped around the caret", () => {
  const [line = "", carets = ""] = shown(`state_path = "/${"a".repeat(500)}" service_path = oops # ${"b".repeat(500)}`);

  assert.ok(line.length <= 102, `${line.length} columns`);
  assert.equal(line.slice(carets.indexOf("^"), carets.length), "oops");
  assert.ok(line.startsWith("…") && line.endsWith("…"));
});

test("nothing that is shown can drive a terminal", () => {
  const { text } = load({ [mainFile]: 'x\u001b[2J = oops\n"\u001b]0;title\u0007" = 1\n"\u202egnol" "x" { }' });

  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
});

test("colours are there when asked for", () => {
  const { diagnostics } = load({ [mainFile]: "x = oops" });

  assert.match(renderDiagnostics(diagnostics, { colour: true }), /\u001b\[1m\u001b\[31merror/);
  assert.doesNotMatch(renderDiagnostics(diagnostics, { colour: false }), /\u001b/);
});
