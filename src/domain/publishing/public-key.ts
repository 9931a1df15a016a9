import { failure } from "../failures/failure.ts";
import { base64 } from "./base64.ts";
import { hex } from "./hex.ts";
import { blobInKeyFile, keyFile } from "./key-file.ts";

/** The public half of a signing key: Ed25519 (RFC 8032), in the form of signify's and minisign's key files. */
export interface PublicKey {
  /** Tells keys apart, and no more: 8 random bytes in hex. */
  readonly number: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
  /** As it stands in a configuration: "RW…". */
  readonly text: string;
}

/** "Ed", the number and the key. */
const blobLength = 2 + 8 + 32;

/** The public key with this number (8 bytes). */
export function publicKeyOf(number: Uint8Array, bytes: Uint8Array): PublicKey {
  return { number: hex(number), bytes, text: base64(Uint8Array.from([0x45, 0x64, ...number, ...bytes])) };
}

/** The key file, as signify writes it. */
export function publicKeyFile({ text }: PublicKey, comment: string): string {
  return keyFile(text, `${comment} public key`);
}

/**
 * The keys that a service trusts: each text is the line "RW…", or a whole key file. Throws "public-key-unusable" for one that
 * proves nothing or that is there twice, and "no-trusted-keys" when there is none: a trust block never means "anything goes".
 */
export function trustedKeys(texts: readonly string[]): readonly PublicKey[] {
  if (texts.length === 0) throw failure("no-trusted-keys", {});
  const keys = texts.map(parsePublicKey);
  for (const [place, key] of keys.entries()) {
    const others = keys.slice(0, place);
    if (others.some(({ bytes }) => hex(bytes) === hex(key.bytes))) throw unusable(key.text, "it is named twice");
    if (others.some(({ number }) => number === key.number)) {
      throw unusable(key.text, "another key has the same number, so that nobody could tell which of them signed");
    }
  }
  return keys;
}

/** Reads one public key. Throws "public-key-unusable". */
export function parsePublicKey(text: string): PublicKey {
  const read = readPublicKey(text);
  if (typeof read === "string") throw unusable(text, read);
  return read;
}

function unusable(text: string, problem: string): Error {
  // Enough to tell it by, and nothing that matters should it be a private one.
  const line = text.trim().split("\n").at(-1)?.trim() ?? "";
  return failure("public-key-unusable", { key: line.length > 12 ? `${line.slice(0, 12)}…` : line, problem });
}

function readPublicKey(text: string): PublicKey | string {
  const blob = blobInKeyFile(text);
  if (typeof blob === "string") return blob;
  const kind = String.fromCharCode(...blob.subarray(0, 2));
  if (kind === "Ed" && blob.length > blobLength) return "it is a private key, which must not be here";
  if (kind !== "Ed" || blob.length !== blobLength) return `it is not an Ed25519 key of ${blobLength} bytes`;
  return weaknessOf(blob.subarray(10)) ?? publicKeyOf(blob.subarray(2, 10), blob.slice(10));
}

/** The prime of the field (RFC 8032, section 5.1). */
const prime = 2n ** 255n - 19n;

/** With one of these, which are all points whose order divides 8, anybody can sign anything. */
const smallOrder: readonly bigint[] = [
  0n,
  1n,
  prime - 1n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
];

/** Why this point proves nothing; undefined: it does. */
function weaknessOf(bytes: Uint8Array): string | undefined {
  // The highest bit is the sign of x; each y of a small order has both.
  const y = BigInt(`0x${hex(bytes.toReversed())}`) & (2n ** 255n - 1n);
  if (y >= prime) return "it is not written in the one way that is allowed (RFC 8032, section 5.1.3)";
  if (smallOrder.includes(y)) return "with this key anybody can sign anything (it has a small order)";
  return undefined;
}
