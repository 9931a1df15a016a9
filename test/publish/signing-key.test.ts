import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { Failure } from "../../src/domain/failures/failure.ts";
import { readEnvelope } from "../../src/domain/publishing/envelope.ts";
import { readPrivateKey } from "../../src/domain/publishing/private-key-text.ts";
import { trustedKeys } from "../../src/domain/publishing/public-key.ts";
import { createSecrets } from "../../src/domain/secrets.ts";
import { cryptography } from "../../src/platform/cryptography.ts";
import { type KeyPair, makeKeyPair, objectOf, openSigningKey } from "../../src/publish/signing-key.ts";
import { channelDocument, textOf } from "../domain/publishing/fixture.ts";

const passphrase = "correct horse battery";
const make = (phrase?: string, secrets = createSecrets()) =>
  makeKeyPair({ comment: "web", passphrase: phrase }, cryptography, secrets);
const open = (text: string, phrase?: string, secrets = createSecrets()) =>
  openSigningKey({ text, place: "web.key", passphrase: phrase }, cryptography, secrets);

const refusal = async (opening: Promise<unknown>): Promise<Failure> => {
  const thrown = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(thrown instanceof Failure, String(thrown));
  return thrown;
};

/** Deriving a key from a passphrase is slow on purpose: tests that only need some pair share this one. */
const sealedPair = await make(passphrase);

describe("a key that was made signs, and its public half verifies:", () => {
  for (const phrase of [undefined, passphrase]) {
    test(phrase === undefined ? "without a passphrase" : "with a passphrase", async () => {
      const pair = phrase === undefined ? await make() : sealedPair;
      const key = await open(pair.privateFile, phrase);

      const envelope = readEnvelope(objectOf(channelDocument(), "x", key));

      const [trusted] = trustedKeys([pair.publicFile]);
      assert.deepEqual(key.publicKey, pair.publicKey);
      assert.deepEqual(trusted, pair.publicKey);
      assert.ok(typeof envelope !== "string");
      assert.equal(envelope.key, trusted!.number);
      assert.ok(cryptography.verifies(trusted!.bytes, envelope.message, envelope.signature));
    });
  }

  test("the line of a key file alone is enough, as it stands in a variable of CI", async () => {
    const { privateFile, publicKey } = sealedPair;

    const key = await open(privateFile.split("\n")[1]!, passphrase);

    assert.deepEqual(key.publicKey, publicKey);
  });

  test("no two keys are alike, and neither are two files of the same passphrase", async () => {
    const [one, other] = [sealedPair, await make(passphrase)];

    assert.notEqual(one.publicKey.text, other.publicKey.text);
    assert.notEqual(one.publicKey.number, other.publicKey.number);
  });

  test("without a key the document is its own object", () => {
    assert.match(textOf(objectOf(channelDocument(), "x", undefined)), /^\{.*\}\n$/);
  });
});

describe("a key that cannot be opened is refused:", () => {
  test("encrypted, and no passphrase, or an empty one", async () => {
    const { privateFile } = sealedPair;

    assert.equal((await refusal(open(privateFile))).code, "signing-passphrase-missing");
    assert.equal((await refusal(open(privateFile, ""))).code, "signing-passphrase-missing");
  });

  test("another passphrase", async () => {
    const { privateFile } = sealedPair;

    assert.equal((await refusal(open(privateFile, "correct horse"))).code, "signing-passphrase-wrong");
  });

  test("an empty passphrase encrypts nothing", async () => {
    assert.equal((await refusal(make(""))).code, "signing-passphrase-empty");
  });

  test("any byte of it altered, be it encrypted or not", async () => {
    const plain = await make();
    const blob = blobOf(plain);
    for (let place = 0; place < blob.length; place++) {
      // The salt of an unencrypted key means nothing.
      if (place >= 8 && place < 24) continue;
      const altered = Buffer.from(blob);
      altered[place]! ^= 0x10;
      const opened = await open(altered.toString("base64")).catch((thrown: unknown) => thrown);
      if (place >= 32 && place < 40) {
        // The number only says which key it is: with another one, nobody finds the key to verify with.
        assert.ok(!(opened instanceof Failure) && "publicKey" in (opened as object));
        assert.notEqual((opened as { publicKey: { number: string } }).publicKey.number, plain.publicKey.number);
      } else assert.ok(opened instanceof Failure && opened.code === "signing-key-unreadable", `byte ${place}`);
    }

    const sealed = blobOf(sealedPair);
    for (const place of [0, 2, 4, 5, 6, 7, 8, 36, 44, 123]) {
      const altered = Buffer.from(sealed);
      altered[place]! ^= 0x10;
      const { code } = await refusal(open(altered.toString("base64"), passphrase));
      assert.equal(code, place < 8 ? "signing-key-unreadable" : "signing-passphrase-wrong", `byte ${place}`);
    }
  });

  test("halves that do not belong together, which would betray the private one", async () => {
    const blob = blobOf(await make());
    blob.fill(7, 72);
    blob.set(cryptography.sha512(blob.subarray(40)).subarray(0, 8), 24);

    assert.match((await refusal(open(blob.toString("base64")))).message, /two halves do not belong together/);
  });

  test("what asks for more memory than any of ours", async () => {
    const blob = blobOf(sealedPair);
    blob[4] = 40;

    assert.match((await refusal(open(blob.toString("base64"), passphrase))).message, /the cost of its encryption/);
  });

  test("a public key, or any other text", async () => {
    const { publicFile } = await make();

    assert.match((await refusal(open(publicFile))).message, /in web\.key cannot be used: it is the public half/);
    for (const text of ["", "\n\n", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]) {
      assert.equal((await refusal(open(text))).code, "signing-key-unreadable");
    }
  });
});

test("whatever the text of a key is, it is read or refused in words", () => {
  const framed = fc.uint8Array({ minLength: 100, maxLength: 128 }).chain((bytes) =>
    fc.constantFrom("EdBK", "EdSG", "Ed").map((kind) => {
      const blob = Buffer.from(bytes);
      blob.write(kind, "latin1");
      return blob.toString("base64");
    }),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), framed), (text) => {
      const read = readPrivateKey(text);
      assert.ok(typeof read === "string" ? read.length > 0 : read.number.length === 8);
    }),
    { numRuns: 3000 },
  );
});

describe("a secret is not shown:", () => {
  test("neither by a key that is looked at from outside, nor by what is thrown", async () => {
    const pair = await make();
    const { privateFile } = pair;
    const key = await open(privateFile);
    const secret = blobOf(pair).subarray(40);
    const shown = [
      inspect(key, { depth: 9, showHidden: true }),
      JSON.stringify(key),
      String((await refusal(open(`${privateFile}x`))).stack),
      inspect(await refusal(open(privateFile.replace("RW", "RX"))), { depth: 9, showHidden: true }),
    ].join("\n");

    for (const form of [
      privateFile.split("\n")[1]!,
      secret.subarray(0, 32).toString("hex"),
      [...secret.subarray(0, 8)].join(", "),
    ]) {
      assert.ok(!shown.includes(form));
    }
  });

  test("a private key needs nobody to name it; a public one, a signature and a document are shown", async () => {
    const { conceal } = createSecrets();
    const [plain, sealed] = [await make(), sealedPair];
    const object = textOf(objectOf(channelDocument(), "x", await open(plain.privateFile)));

    for (const { privateFile } of [plain, sealed]) {
      const [comment, line] = privateFile.split("\n");
      assert.equal(conceal(privateFile), `${comment}\n[redacted]\n`);
      assert.equal(conceal(`DROPSHIP_SIGNING_KEY=${line};`), "DROPSHIP_SIGNING_KEY=[redacted];");
    }
    assert.equal(conceal(plain.publicFile + object), plain.publicFile + object);
  });

  test("both key and passphrase are concealed from every output from then on", async () => {
    const secrets = createSecrets();
    const pair = await make(passphrase, secrets);
    const [, line] = pair.privateFile.split("\n");
    assert.equal(secrets.conceal(`${line} and ${passphrase}`), "[redacted] and [redacted]");

    const others = createSecrets();
    await open(line!, passphrase, others);
    assert.equal(others.conceal(`${line} and ${passphrase}`), "[redacted] and [redacted]");
    assert.equal(others.conceal(pair.publicKey.text), pair.publicKey.text);
  });
});

function blobOf({ privateFile }: KeyPair): Buffer {
  return Buffer.from(privateFile.split("\n")[1]!, "base64");
}
