import assert from "node:assert/strict";
import { test } from "node:test";
import { canBeVerified, contradiction, mergedMarker } from "../../src/domain/download-rules.ts";

const measured = { size: 3, sha256: "aa", md5: "bb" };

test("a content that meets all that is stated is fine, and so is one of which nothing is stated", () => {
  assert.equal(contradiction({ size: 3, sha256: "aa", md5: "bb" }, measured), undefined);
  assert.equal(contradiction({}, measured), undefined);
  assert.equal(contradiction({ md5: "other" }, { size: 3, sha256: "aa" }), undefined);
});

test("each statement that is not met is named", () => {
  assert.match(contradiction({ size: 4 }, measured) ?? "", /^3 bytes instead of 4$/);
  assert.match(contradiction({ sha256: "cc" }, measured) ?? "", /^SHA-256 aa instead of cc$/);
  assert.match(contradiction({ md5: "cc" }, measured) ?? "", /^MD5 bb instead of cc$/);
});

test("an ETag alone cannot tell a whole content from a part", () => {
  assert.equal(canBeVerified({ etag: '"x"', lastModified: "y" }), false);
  assert.equal(canBeVerified({ size: 0 }), true);
  assert.equal(canBeVerified({ md5: "bb" }), true);
});

test("what is said later completes and overrules what was said first", () => {
  assert.deepEqual(mergedMarker({ etag: "a", size: 1 }, { etag: "b", version: "v" }), {
    etag: "b",
    size: 1,
    version: "v",
  });
});
