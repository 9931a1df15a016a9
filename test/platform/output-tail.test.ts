import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { outputTail } from "../../src/platform/output-tail.ts";

function tailOf(chunks: readonly Uint8Array[], limit: number) {
  const tail = outputTail(limit);
  for (const chunk of chunks) tail.add(chunk);
  return { text: tail.text(), dropped: tail.dropped() };
}

describe("the kept end of an output", () => {
  test("is the last bytes, however they came in pieces", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 30 }), { maxLength: 20 }),
        fc.integer({ min: 0, max: 40 }),
        (pieces, limit) => {
          const whole = pieces.join("");

          const { text, dropped } = tailOf(
            pieces.map((piece) => Buffer.from(piece)),
            limit,
          );

          assert.equal(text, limit === 0 ? "" : whole.slice(-limit));
          assert.equal(dropped, Math.max(0, whole.length - limit));
        },
      ),
    );
  });

  test("never shows half a character at its start, and loses none that is whole", () => {
    const characters = [..."aé€𝒳"];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...characters), { maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (all, limit) => {
          const { text } = tailOf([Buffer.from(all.join(""))], limit);

          assert.ok(!text.includes("\ufffd"));
          assert.ok(all.join("").endsWith(text));
          assert.ok(Buffer.byteLength(text) > limit - 4 || text === all.join(""));
        },
      ),
    );
  });

  test("is text, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), fc.integer({ min: 1, max: 60 }), (chunks, limit) => {
        assert.equal(typeof tailOf(chunks, limit).text, "string");
      }),
    );
  });
});
