import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { cryptography } from "../../src/platform/cryptography.ts";

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (one: Uint8Array) => Buffer.from(one).toString("hex");

describe("signatures are those of RFC 8032, section 7.1:", () => {
  const cases = [
    {
      seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      message: "",
      signature:
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    },
    {
      seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      key: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      message: "af82",
      signature:
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    },
  ];
  for (const { seed, key, message, signature } of cases) {
    test(`the message "${message}"`, () => {
      assert.equal(hex(cryptography.publicKey(bytes(seed))), key);
      assert.equal(hex(cryptography.sign(bytes(seed), bytes(message))), signature);
      assert.ok(cryptography.verifies(bytes(key), bytes(message), bytes(signature)));
      assert.ok(!cryptography.verifies(bytes(key), bytes(`${message}00`), bytes(signature)));
    });

    test(`a second signature of "${message}" cannot be made from the first (its S above the order)`, () => {
      const order = 2n ** 252n + 27742317777372353535851937790883648493n;
      const [first, second] = [signature.slice(0, 64), signature.slice(64)];
      const raised = BigInt(`0x${hex(bytes(second).toReversed())}`) + order;
      const other = hex(bytes(raised.toString(16).padStart(64, "0")).toReversed());

      assert.ok(!cryptography.verifies(bytes(key), bytes(message), bytes(first + other)));
    });
  }
});

test("whatever stands in the place of a key or a signature, the answer is no", () => {
  const part = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 70 }));
  const signature = fc.oneof(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.uint8Array({ maxLength: 70 }));
  fc.assert(
    fc.property(part, fc.uint8Array(), signature, (key, message, one) => {
      // A key of small order may be met by chance; those never come here.
      fc.pre(key.some((byte) => byte > 1) && !key.every((byte, place) => byte === 255 || place === 0));
      assert.equal(cryptography.verifies(key, message, one), false);
    }),
    { numRuns: 3000 },
  );
});

describe("what is sealed", () => {
  const sealing = {
    passphrase: "correct horse",
    cost: { logarithm: 14, blocks: 8, lanes: 1 },
    salt: cryptography.random(16),
    nonce: cryptography.random(12),
    associated: bytes("0102"),
  };
  const secret = cryptography.random(64);

  test("is opened by its passphrase, however its accents are typed", async () => {
    const accented = { ...sealing, passphrase: "caf\u00e9" };
    const sealed = await cryptography.seal(accented, secret);

    assert.deepEqual(await cryptography.open(accented, sealed), secret);
    assert.deepEqual(await cryptography.open({ ...accented, passphrase: "cafe\u0301" }, sealed), secret);
  });

  test("is not opened by another passphrase, nor once it or what stands beside it was altered", async () => {
    const sealed = await cryptography.seal(sealing, secret);
    const altered = sealed.slice();
    altered[70]! ^= 1;

    assert.equal(sealed.length, 64 + 16);
    assert.equal(await cryptography.open({ ...sealing, passphrase: "correct horse " }, sealed), undefined);
    assert.equal(await cryptography.open(sealing, altered), undefined);
    assert.equal(await cryptography.open({ ...sealing, associated: bytes("0103") }, sealed), undefined);
  });

  test("the most expensive key file that is allowed can be opened", async () => {
    const expensive = { ...sealing, cost: { logarithm: 18, blocks: 8, lanes: 1 } };

    assert.deepEqual(await cryptography.open(expensive, await cryptography.seal(expensive, secret)), secret);
  });
});

test("digests are SHA-256 and SHA-512, and what is random is not the same twice", () => {
  assert.equal(
    cryptography.sha256(bytes("616263")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  assert.match(hex(cryptography.sha512(bytes("616263"))), /^ddaf35a193617aba/);
  assert.notDeepEqual(cryptography.random(16), cryptography.random(16));
});
