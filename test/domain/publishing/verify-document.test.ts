import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeDocument } from "../../../src/domain/publishing/document-text.ts";
import type { Document } from "../../../src/domain/publishing/documents.ts";
import { type Expectation, verifyDocument } from "../../../src/domain/publishing/verify-document.ts";
import { cryptography } from "../../../src/platform/cryptography.ts";
import {
  bytesOf,
  channelDocument,
  court,
  indexDocument,
  ours,
  releaseDocument,
  signed,
  testKey,
  theirs,
  trusting,
} from "./fixture.ts";
import { index, refused, stable, version } from "./judged.ts";

describe("a document that is as it must be is accepted:", () => {
  test("a channel, with what is to be remembered of it", () => {
    const document = channelDocument();

    const accepted = verifyDocument(signed(document), stable, court());

    const signedBy = ours.publicKey.number;
    const floor = { sequence: 7, content: document.release.artifact.sha256, signedBy };
    assert.deepEqual(accepted, { document, message: encodeDocument(document, "x"), signedBy, floor });
  });

  test("the same once more, for it is no step back", () => {
    const { floor } = verifyDocument(signed(channelDocument()), stable, court());

    const again = verifyDocument(signed(channelDocument()), stable, court({ floors: [floor] }));

    assert.deepEqual(again.floor, floor);
  });

  test("a release, which has no sequence, however its version is written", () => {
    const accepted = verifyDocument(signed(releaseDocument("1.4.2+build.7")), version, court());

    assert.equal(accepted.document.release.version, "1.4.2+build.7");
    assert.equal(accepted.floor.sequence, undefined);
  });

  test("an index", () => {
    assert.equal(verifyDocument(signed(indexDocument()), index, court()).document.versions.length, 2);
  });

  test("without a trust block: one that nobody signed, and one that anybody signed", () => {
    const plain = encodeDocument(channelDocument(), "x");

    assert.equal(verifyDocument(plain, stable, court({ trust: undefined })).signedBy, undefined);
    assert.equal(verifyDocument(theirs.sign(plain), stable, court({ trust: undefined })).signedBy, undefined);
  });
});

describe("fault 37: unsigned, another key, a bad signature", () => {
  const message = encodeDocument(channelDocument(), "x");

  test("an unsigned document is refused", () => {
    refused(message, "document-unsigned");
  });

  test("one that is signed with a key that is not trusted names both", () => {
    const { message: sentence } = refused(theirs.sign(message), "document-key-unknown");

    assert.match(sentence, new RegExp(theirs.publicKey.number));
    assert.match(sentence, new RegExp(ours.publicKey.number));
  });

  test("one whose signature is of another message is refused", () => {
    const [head] = splitAt(ours.sign(encodeDocument(channelDocument({ sequence: 8 }), "x")), -message.length);

    refused(Buffer.concat([head, message]), "document-signature-wrong");
  });

  test("one that claims to be signed with a trusted key is refused, for a number proves nothing", () => {
    const object = theirs.sign(message);
    const text = new TextDecoder().decode(object).split("\n");
    const blob = Buffer.from(text[1]!, "base64");
    blob.fill(1, 2, 10);

    const forged = bytesOf([text[0], blob.toString("base64"), ...text.slice(2)].join("\n"));

    refused(forged, "document-signature-wrong");
  });

  test("nonsense in the place of a signature is refused", () => {
    refused(bytesOf("hello\n"), "document-signature-unreadable");
    refused(bytesOf(""), "document-signature-unreadable");
    refused(bytesOf("<html>404</html>"), "document-unreadable", { trust: undefined });
  });
});

test("keys are rotated by trusting both for a while", () => {
  const both = trusting([ours, theirs]);

  for (const key of [ours, theirs]) {
    const { signedBy } = verifyDocument(signed(channelDocument(), key), stable, court({ trust: both }));
    assert.equal(signedBy, key.publicKey.number);
  }
});

describe("fault 41: malformed before it is verified", () => {
  test("the cap on the size comes first, and an index may be longer", () => {
    const long = new Uint8Array(64 * 1024 + 1).fill(0x20);

    refused(long, "document-too-large");
    refused(long, "document-too-large", { trust: undefined });
    refused(long, "document-too-large", {}, version);
    refused(long, "document-signature-unreadable", {}, index);
    refused(new Uint8Array(256 * 1024 + 1), "document-too-large", {}, index);
  });

  test("nothing of a message is read before its signature is verified", () => {
    const order: string[] = [];
    const { parse } = JSON;
    const { decode } = TextDecoder.prototype;
    const object = signed(channelDocument());
    const check = {
      ...cryptography,
      verifies: (...all: Parameters<typeof cryptography.verifies>) => {
        order.push("verified");
        return cryptography.verifies(...all);
      },
    };
    JSON.parse = (...all) => {
      order.push("parsed");
      return parse(...all);
    };
    TextDecoder.prototype.decode = function (bytes, options) {
      const text = decode.call(this, bytes, options);
      if (text.includes("{")) order.push("decoded");
      return text;
    };
    try {
      verifyDocument(object, stable, court({ check }));
      assert.deepEqual(order, ["verified", "decoded", "parsed"]);

      order.length = 0;
      object[object.length - 2]! ^= 1;
      refused(object, "document-signature-wrong", { check });
      assert.deepEqual(order, ["verified"]);
    } finally {
      JSON.parse = parse;
      TextDecoder.prototype.decode = decode;
    }
  });

  test("what a trusted key signed and is still nonsense is refused with its place", () => {
    const object = ours.sign(bytesOf('{"format":1,"kind":"channel"}\n'));

    assert.match(refused(object, "document-unreadable").message, /channel is nothing/);
  });
});

describe("fault 45: a document in the place of another", () => {
  const cases: readonly (readonly [what: string, document: Document, expected: Expectation, found: RegExp])[] = [
    ["of another service", channelDocument({ service: "api" }), stable, /channel "stable" of "api", not of .* "web"/],
    [
      "of another channel",
      channelDocument({ channel: "beta" }),
      stable,
      /channel "beta" of "web", not of channel "stable"/,
    ],
    ["a release for a channel", releaseDocument(), stable, /version 1\.4\.2 of "web", not of channel/],
    ["an index for a channel", indexDocument(), stable, /the index of "web", not of channel/],
    ["a channel for a release", channelDocument(), version, /channel "stable" of "web", not of version 1\.4\.2/],
    ["another version", releaseDocument("1.4.3"), version, /version 1\.4\.3 of "web", not of version 1\.4\.2/],
    ["a pre-release of it", releaseDocument("1.4.2-rc.1"), version, /version 1\.4\.2-rc\.1/],
    ["another service's index", indexDocument([], { service: "api" }), index, /the index of "api"/],
    ["a service whose name is only similar", channelDocument({ service: "Web" }), stable, /of "Web"/],
  ];
  for (const [what, document, expected, found] of cases) {
    test(what, () => {
      assert.match(refused(signed(document), "document-misplaced", {}, expected).message, found);
      const plain = encodeDocument(document, "x");
      refused(plain, "document-misplaced", { trust: undefined }, expected);
    });
  }
});

test("fault 46: whatever of a signed document is altered, it is refused", () => {
  const text = new TextDecoder().decode(signed(channelDocument()));
  for (const [from, to] of [
    ['"length":1000', '"length":1001'],
    ['"unpacked":5000', '"unpacked":5'],
    ['"sequence":7', '"sequence":9'],
    ['"kind"', '"hook":"rm -rf /","kind"'],
    ["}\n", "}\n{}\n"],
  ] as const) {
    assert.ok(text.includes(from));
    refused(bytesOf(text.replace(from, to)), "document-signature-wrong");
  }
});

test("fault 47: a new key that only the repository speaks for is not trusted", () => {
  const next = testKey(3);

  refused(signed(channelDocument({ sequence: 8 }), next), "document-key-unknown");
  verifyDocument(signed(channelDocument({ sequence: 8 }), next), stable, court({ trust: trusting([ours, next]) }));
});

function splitAt(bytes: Uint8Array, place: number): readonly [Uint8Array, Uint8Array] {
  return [bytes.subarray(0, place), bytes.subarray(place)];
}
