import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPlace, placeOf, sourceOf } from "../../../src/config/hcl/source.ts";

test("columns count characters, not code units", () => {
  const source = sourceOf("x.hcl", "a\n🚀é = 1\r\n\nlast");

  assert.equal(formatPlace(placeOf(source, source.text.indexOf("="))), "x.hcl:2:4");
  assert.equal(formatPlace(placeOf(source, source.text.indexOf("last"))), "x.hcl:4:1");
  assert.equal(formatPlace(placeOf(source, source.text.length)), "x.hcl:4:5");
});
