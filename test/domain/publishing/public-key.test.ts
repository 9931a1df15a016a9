import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { base64 } from "../../../src/domain/publishing/base64.ts";
import { parsePublicKey, publicKeyFile, trustedKeys } from "../../../src/domain/publishing/public-key.ts";
import { cryptography } from "../../../src/platform/cryptography.ts";
import { bytesOf, ours, theirs, withCode } from "./fixture.ts";

const number = new Uint8Array(8).fill(9);
const textOf = (bytes: Iterable<number>, kind = [0x45, 0x64]) =>
  base64(Uint8Array.from([...kind, ...number, ...bytes]));
const prime = 2n ** 255n - 19n;

/** A point as its key would be written: y, and the sign of x in the highest bit. */
function point(y: bigint, sign: 0n | 1n): Uint8Array {
  const value = y | (sign << 255n);
  return Uint8Array.from({ length: 32 }, (_, place) => Number((value >> BigInt(8 * place)) & 0xffn));
}

describe("a public key is read", () => {
  const { text } = ours.publicKey;
  for (const [how, written] of [
    ["as its line", text],
    ["as its file", publicKeyFile(ours.publicKey, "web")],
    ["as a file with blanks around it", `\n untrusted comment: x\n ${text} \n\n`],
    ["as a file from Windows", `untrusted comment: x\r\n${text}\r\n`],
  ] as const) {
    test(how, () => assert.deepEqual(parsePublicKey(written), ours.publicKey));
  }

  test("and begins as signify's and minisign's do", () => assert.match(text, /^RW[QRST]/));

  test("a comment cannot begin a line of its own", () => {
    assert.equal(publicKeyFile(ours.publicKey, "a\nb\u001b").split("\n").length, 3);
  });
});

describe("fault 38: keys that are configured but not there", () => {
  test("no key at all is refused: it does not mean that anything goes", () => {
    assert.throws(() => trustedKeys([]), withCode("no-trusted-keys"));
  });
  for (const text of ["", "\n", "untrusted comment: x\n"]) {
    test(`an empty file (${JSON.stringify(text)}) is refused, also beside a good key`, () => {
      assert.throws(() => trustedKeys([text]), withCode("public-key-unusable"));
      assert.throws(() => trustedKeys([ours.publicKey.text, text]), withCode("public-key-unusable"));
    });
  }
});

describe("fault 39: a key counts once", () => {
  test("two distinct keys are two", () => {
    const keys = [ours.publicKey, theirs.publicKey];

    assert.deepEqual(trustedKeys(keys.map(({ text }) => text)), keys);
  });

  test("the same key twice is refused, under another number too", () => {
    const renumbered = textOf(ours.publicKey.bytes);

    assert.throws(
      () => trustedKeys([ours.publicKey.text, ours.publicKey.text]),
      withCode("public-key-unusable", /twice/),
    );
    assert.throws(() => trustedKeys([ours.publicKey.text, renumbered]), withCode("public-key-unusable", /twice/));
  });

  test("two keys with one number are refused", () => {
    const [one, other] = [textOf(ours.publicKey.bytes), textOf(theirs.publicKey.bytes)];

    assert.throws(() => trustedKeys([one, other]), withCode("public-key-unusable", /same number/));
  });
});

describe("fault 40: keys that prove nothing", () => {
  const d = (-121665n * inverse(121666n)) % prime;
  const eighth = smallOrderPoints();

  test("there are five heights of points whose order divides 8, and each is refused with either sign", () => {
    assert.equal(eighth.length, 5);
    for (const y of eighth) {
      for (const sign of [0n, 1n] as const) {
        assert.throws(
          () => parsePublicKey(textOf(point(y, sign))),
          withCode("public-key-unusable", /anybody can sign/),
        );
      }
    }
  });

  test("the pinned platform takes no forgery for them either, as older ones do (OpenSSL 3.0)", () => {
    const base = point(modulo(4n * inverse(5n)), 0n);
    const forged = Uint8Array.from([...base, 1, ...new Uint8Array(31)]);

    for (const y of eighth) {
      for (let place = 0; place < 50; place++) {
        assert.ok(!cryptography.verifies(point(y, 0n), bytesOf(`message ${place}`), forged));
      }
    }
  });

  test("a number above the prime is refused: it would be a second way to write another key", () => {
    for (let above = 0n; above < 19n; above++) {
      for (const sign of [0n, 1n] as const) {
        const text = textOf(point(prime + above, sign));
        assert.throws(() => parsePublicKey(text), withCode("public-key-unusable", /one way/));
      }
    }
  });

  test("ten thousand numbers that mean nothing special are all taken", () => {
    for (let place = 0; place < 10_000; place++) {
      // The high bit of the last byte, the sign, comes both ways.
      const key = point(BigInt(`0x${cryptography.sha256(bytesOf(String(place)))}`) % prime, place % 2 === 0 ? 0n : 1n);
      parsePublicKey(textOf(key));
    }
  });

  /** Every y of a point whose order divides 8, by the curve itself (RFC 8032, section 5.1). */
  function smallOrderPoints(): readonly bigint[] {
    // Orders 1, 2 and 4; one of order 8 doubles to y = 0, which makes d·y⁴ + 2·y² = 1 of the equation of the curve.
    const heights = [0n, 1n, prime - 1n];
    const discriminant = squareRoot(modulo(1n + d));
    assert.ok(discriminant !== undefined);
    for (const sign of [1n, -1n]) {
      const y = squareRoot(modulo((-1n + sign * discriminant) * inverse(d)));
      if (y !== undefined) heights.push(y, prime - y);
    }
    return heights;
  }

  /** Undefined: there is none. */
  function squareRoot(value: bigint): bigint | undefined {
    const candidate = power(value, (prime + 3n) / 8n);
    return [candidate, modulo(candidate * power(2n, (prime - 1n) / 4n))].find((one) => modulo(one * one) === value);
  }

  function inverse(value: bigint): bigint {
    return power(modulo(value), prime - 2n);
  }

  function power(value: bigint, exponent: bigint): bigint {
    let result = 1n;
    let square = modulo(value);
    for (let left = exponent; left > 0n; left >>= 1n) {
      if (left & 1n) result = modulo(result * square);
      square = modulo(square * square);
    }
    return result;
  }

  function modulo(value: bigint): bigint {
    return ((value % prime) + prime) % prime;
  }
});

describe("what is no public key is refused with a reason, and not shown:", () => {
  const good = ours.publicKey.text;
  const cases: readonly (readonly [what: string, text: string, why: RegExp])[] = [
    ["words", "my key", /not base64/],
    ["a cut line", good.slice(0, -4), /42 bytes/],
    ["a longer line", `${good}AAAA`, /private key/],
    ["a letter too few", good.slice(0, -1), /not base64/],
    ["two keys in one text", `${good}\n${theirs.publicKey.text}`, /alone or below/],
    ["two comments", `untrusted comment: x\nuntrusted comment: y\n${good}`, /alone or below/],
    ["another kind", textOf(ours.publicKey.bytes, [0x45, 0x44]), /not an Ed25519 key/],
    ["the bare key", base64(ours.publicKey.bytes), /not an Ed25519 key/],
    ["a key of SSH", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB", /not base64/],
    ["a private key", base64(new Uint8Array(104).fill(0x45, 0, 1).fill(0x64, 1, 2)), /private key/],
  ];
  for (const [what, text, why] of cases) {
    test(what, () => {
      assert.throws(
        () => parsePublicKey(text),
        (thrown) => {
          assert.ok(text.length <= 12 || !(thrown as Error).message.includes(text.slice(0, 20)));
          return withCode("public-key-unusable", why)(thrown);
        },
      );
    });
  }
});

test("a private key in the wrong place is told by its first letters only, in which there is nothing secret", () => {
  const blob = new Uint8Array(104).fill(7, 40);
  blob.set([0x45, 0x64, 0x42, 0x4b]);

  assert.throws(
    () => parsePublicKey(`untrusted comment: x\n${base64(blob)}`),
    (thrown) => {
      assert.doesNotMatch((thrown as Error).message, /BwcH/);
      return withCode("public-key-unusable", /"RWRCSwAAAAAA…"/)(thrown);
    },
  );
});
