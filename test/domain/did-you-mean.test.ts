import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean, nearest } from "../../src/domain/did-you-mean.ts";

test("a mistyped word finds the one that was meant", () => {
  const known = ["checkInterval", "bake", "artifact", "health"];

  assert.deepEqual(
    ["chekInterval", "CHECKINTERVAL", "baek", "artefact", "healht"].map((word) => nearest(word, known)),
    ["checkInterval", "checkInterval", "bake", "artifact", "health"],
  );
});

test("a word that is near to nothing gets no advice", () => {
  assert.equal(nearest("zebra", ["bake", "health"]), undefined);
  assert.equal(didYouMean("zebra", ["bake"]), "");
  assert.equal(didYouMean("bakr", ["bake"]), '; did you mean "bake"?');
});
