import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatSize, parseSize } from "../../src/domain/size.ts";

test("sizes are read with decimal and binary units", () => {
  const known = { "0": 0, "512": 512, "1KB": 1000, "64KiB": 65_536, "10 MiB": 10_485_760, "2gb": 2e9, "1.5KiB": 1536 };

  for (const [text, value] of Object.entries(known)) assert.equal(parseSize(text), value, text);
});

test("what is no size is refused", () => {
  for (const text of ["", "KiB", "-1", "1  MB", "1PB", "1e9", ".5KB", "1KBs", "9999999TiB", "1\n"]) {
    assert.equal(parseSize(text), undefined, JSON.stringify(text));
  }
});

test("sizes are written short", () => {
  assert.deepEqual([0, 512, 1023, 1024, 1536, 150 * 1024, 1024 ** 2 - 1, 1024 ** 3 * 2.5].map(formatSize), [
    "0 B",
    "512 B",
    "1023 B",
    "1.0 KiB",
    "1.5 KiB",
    "150 KiB",
    "1.0 MiB",
    "2.5 GiB",
  ]);
});

test("a size that is written is near the one that was meant", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
      const read = parseSize(formatSize(bytes)) ?? Number.NaN;
      assert.ok(Math.abs(read - bytes) <= Math.max(1, bytes * 0.06), `${formatSize(bytes)} for ${bytes}`);
    }),
  );
});
