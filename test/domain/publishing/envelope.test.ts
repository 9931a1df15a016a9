import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { trustFailures } from "../../../src/domain/failures/trust.ts";
import { base64, bytesInBase64 } from "../../../src/domain/publishing/base64.ts";
import { encodeDocument } from "../../../src/domain/publishing/document-text.ts";
import { readEnvelope, writeEnvelope } from "../../../src/domain/publishing/envelope.ts";
import { type Court, verifyDocument } from "../../../src/domain/publishing/verify-document.ts";
import { anyDocument, bytesOf, channelDocument, court, ours, signed, textOf } from "./fixture.ts";
import { stable } from "./judged.ts";

const object = signed(channelDocument());
const bytes8 = fc.uint8Array({ minLength: 8, maxLength: 8 });
const bytes64 = fc.uint8Array({ minLength: 64, maxLength: 64 });

test("an envelope is read as it was written, whatever its message is", () => {
  fc.assert(
    fc.property(bytes8, bytes64, fc.uint8Array(), (number, signature, message) => {
      const read = readEnvelope(writeEnvelope(number, signature, message));

      assert.deepEqual(read, { key: Buffer.from(number).toString("hex"), signature, message });
    }),
    { numRuns: 1000 },
  );
});

test("any document, signed, is accepted where it belongs and where nobody asks for signatures", () => {
  const clock = { now: 0, built: 0 };
  const unlimited = { ...court().trust!, maxJump: Number.POSITIVE_INFINITY };
  fc.assert(
    fc.property(anyDocument, (document) => {
      const place = document.kind === "release" ? { ...document, version: document.release.version } : document;
      const expected = { ...place, object: "x" };
      for (const trust of [unlimited, undefined]) {
        const accepted = verifyDocument(signed(document), expected, court({ trust, clock }));
        assert.deepEqual(accepted.document, document);
      }
    }),
    { numRuns: 300 },
  );
});

test("any byte of a signed object that is flipped makes it refused; in the comment, which nobody signed, it may change nothing", () => {
  const expected = verifyDocument(object, stable, court());
  const commentEnd = object.indexOf(0x0a);
  const start = "untrusted comment: ".length;
  for (let place = 0; place < object.length; place++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = object.slice();
      flipped[place]! ^= 1 << bit;
      const accepted = outcome(flipped);
      if (place >= start && place < commentEnd) {
        if (accepted !== undefined) assert.deepEqual(accepted, expected);
      } else assert.equal(accepted, undefined, `byte ${place}, bit ${bit}`);
    }
  }
});

test("any truncation is refused, and so is anything that is put before, into or behind it", () => {
  for (let length = 0; length < object.length; length++) {
    assert.equal(outcome(object.subarray(0, length)), undefined, `${length} bytes`);
  }
  const message = encodeDocument(channelDocument(), "x");
  for (let length = 0; length < message.length; length++) {
    assert.equal(outcome(message.subarray(0, length), { trust: undefined }), undefined, `${length} bytes, unsigned`);
  }
  fc.assert(
    fc.property(fc.nat({ max: object.length }), fc.uint8Array({ minLength: 1, maxLength: 8 }), (place, more) => {
      const commentEnd = object.indexOf(0x0a);
      fc.pre(place < 19 || place > commentEnd);
      const longer = Buffer.concat([object.subarray(0, place), more, object.subarray(place)]);
      assert.equal(outcome(longer), undefined, `${place}: ${more}`);
    }),
    { numRuns: 2000 },
  );
});

test("random bytes throw a failure about trust and nothing else, with and without a trust block", () => {
  const near = fc.tuple(fc.nat(), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 })).map(([cut, changes]) => {
    const bytes = object.slice(cut % 40 === 0 ? cut % object.length : 0);
    for (const [place, value] of changes) bytes[place % bytes.length] = value;
    return bytes;
  });
  const text = fc.oneof(fc.string(), fc.json()).map((one) => bytesOf(`${one}\n`));
  const framed = fc.oneof(fc.uint8Array(), text).map((message) => ours.sign(message));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), near, text, framed), (bytes) => {
      outcome(bytes);
      outcome(bytes, { trust: undefined });
    }),
    { numRuns: 5000 },
  );
});

/** What comes of these bytes; undefined: they were refused, as they must be. */
function outcome(bytes: Uint8Array, more: Partial<Court> = {}) {
  try {
    return verifyDocument(bytes, stable, court(more));
  } catch (thrown) {
    assert.ok(thrown instanceof Failure && thrown.code in trustFailures, String(thrown));
    return undefined;
  }
}

describe("what is not quite an envelope is none:", () => {
  const [comment, line] = textOf(object).split("\n") as [string, string];
  const message = textOf(encodeDocument(channelDocument(), "x"));
  const blob = bytesInBase64(line)!;
  const cases: readonly (readonly [what: string, text: string, why: RegExp])[] = [
    ["without its comment", `${line}\n${message}`, /first line does not begin/],
    ["a comment in capitals", `Untrusted comment: x\n${line}\n${message}`, /first line/],
    ["a comment without end", `untrusted comment: ${"x".repeat(1024)}\n${line}\n${message}`, /first line/],
    ["a comment that drives a terminal", `untrusted comment: \u001b[2J\n${line}\n${message}`, /control characters/],
    ["an end of the line as on Windows", `${comment}\r\n${line}\r\n${message}`, /control characters/],
    ["two comments", `${comment}\n${comment}\n${line}\n${message}`, /second line/],
    ["an empty line", `${comment}\n\n${line}\n${message}`, /second line/],
    ["a blank behind the signature", `${comment}\n${line} \n${message}`, /100 characters/],
    ["a blank in the signature", `${comment}\n ${line.slice(1)}\n${message}`, /base64/],
    ["the alphabet of addresses", `${comment}\n${line.slice(0, 60)}-_${line.slice(62)}\n${message}`, /base64/],
    ["bits that count for nothing", `${comment}\n${withLooseBits(line)}\n${message}`, /base64/],
    ["no padding", `${comment}\n${line.slice(0, -1)}A\n${message}`, /base64 of a signature/],
    ["a shorter signature", `${comment}\n${base64(blob.subarray(0, 71))}\n${message}`, /100 characters/],
    ["minisign's other kind", `${comment}\n${base64(Uint8Array.from([0x45, 0x44, ...blob.subarray(2)]))}\n`, /a kind/],
    ["nothing behind the comment", `${comment}\n`, /second line/],
    ["nothing behind the signature", `${comment}\n${line}`, /second line/],
  ];
  for (const [what, text, why] of cases) {
    test(what, () => {
      const read = readEnvelope(bytesOf(text));
      assert.equal(typeof read, "string");
      assert.match(read as string, why);
    });
  }

  test("an envelope around nothing is one: what is in it is for others to judge", () => {
    const read = readEnvelope(bytesOf(`${comment}\n${line}\n`));
    assert.ok(typeof read !== "string" && read.message.length === 0);
  });
});

function withLooseBits(line: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const last = line.at(-2)!;
  return `${line.slice(0, -2)}${alphabet[alphabet.indexOf(last) + 1]}=`;
}

test("base64 has one text for each content, and every other text is refused", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.equal(base64(bytes), Buffer.from(bytes).toString("base64"));
      assert.deepEqual(bytesInBase64(base64(bytes)), bytes);
    }),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9+/=_ \n-]{0,12}$/), (text) => {
      const bytes = bytesInBase64(text);
      if (bytes !== undefined) assert.equal(base64(bytes), text);
    }),
    { numRuns: 5000 },
  );
  for (const text of ["A", "AB", "AB=", "A===", "AB=C", "AB==CD==", "AC==D", "AAB=", "A A=", "\u00c0AAA"]) {
    assert.equal(bytesInBase64(text), undefined, text);
  }
});
