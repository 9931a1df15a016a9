import { base64 } from "./base64.ts";
import { blobInKeyFile, keyFile } from "./key-file.ts";

/**
 * The private half of a signing key, as it stands in its file: a line of comment, and a line of base64. The plain form is
 * signify's own (signify(1), -G -n), which either reads of the other. The encrypted form is ours, for signify derives keys in
 * a way that the platform does not offer:
 *
 *     bytes  what
 *     2      "Ed"
 *     2      "SG": scrypt (RFC 7914), then AES-256-GCM
 *     4      scrypt's cost: the logarithm of N to the base of 2, then r, then p, then 0
 *     16     scrypt's salt
 *     12     the nonce of AES-GCM
 *     8      the number of the key; all that comes before what is encrypted is authenticated with it
 *     64     encrypted: the seed (RFC 8032) and the public key
 *     16     the tag of AES-GCM
 */
export type PrivateKeyText = PlainPrivateKey | EncryptedPrivateKey;

export interface PlainPrivateKey {
  readonly form: "plain";
  /** 8 bytes. */
  readonly number: Uint8Array;
  /** The seed and the public key; 64 bytes. */
  readonly secret: Uint8Array;
  /** The first 8 bytes of the SHA-512 of `secret`. */
  readonly checksum: Uint8Array;
}

export interface EncryptedPrivateKey {
  readonly form: "encrypted";
  /** 8 bytes. */
  readonly number: Uint8Array;
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  /** `secret`, encrypted, and the tag behind it. */
  readonly sealed: Uint8Array;
}

/** What makes guessing a passphrase slow: 128 · 2^`logarithm` · `blocks` bytes of memory each time. */
export interface ScryptCost {
  readonly logarithm: number;
  readonly blocks: number;
  readonly lanes: number;
}

/** 128 MiB for each guess. */
export const usualCost: ScryptCost = { logarithm: 17, blocks: 8, lanes: 1 };

const plainLength = 104;
const sealedLength = 64 + 16;
const headerLength = 44;

/** Reads either form, a whole file or its second line alone; in words why it is neither, without a word of what stands there. */
export function readPrivateKey(text: string): PrivateKeyText | string {
  const blob = blobInKeyFile(text);
  if (typeof blob === "string") return blob;
  const kind = String.fromCharCode(...blob.subarray(0, 4));
  if (kind === "EdBK" && blob.length === plainLength) return plainIn(blob);
  if (kind === "EdSG" && blob.length === headerLength + sealedLength) return encryptedIn(blob);
  if (kind.startsWith("Ed") && blob.length === 42) return "it is the public half";
  return "it is of no kind that Dropship knows";
}

function plainIn(blob: Uint8Array): PlainPrivateKey | string {
  const rounds = new DataView(blob.buffer, blob.byteOffset).getUint32(4);
  if (rounds !== 0) {
    return 'it is encrypted in the way of signify, which only signify can undo (make one with "dropship keygen", or without a passphrase)';
  }
  return { form: "plain", checksum: blob.slice(24, 32), number: blob.slice(32, 40), secret: blob.slice(40) };
}

function encryptedIn(blob: Uint8Array): EncryptedPrivateKey | string {
  const [logarithm = 0, blocks = 0, lanes = 0, rest = 0] = blob.subarray(4, 8);
  // No file may ask for more memory than 256 MiB.
  const isBearable = logarithm >= 14 && logarithm <= 18 && blocks === 8 && lanes === 1 && rest === 0;
  if (!isBearable) return "the cost of its encryption is not one that Dropship uses";
  return {
    form: "encrypted",
    cost: { logarithm, blocks, lanes },
    salt: blob.slice(8, 24),
    nonce: blob.slice(24, 36),
    number: blob.slice(36, headerLength),
    sealed: blob.slice(headerLength),
  };
}

/** The file of a key that anybody can use who can read it; `signify-openbsd -S` can, too. */
export function plainKeyFile({ number, secret, checksum }: Omit<PlainPrivateKey, "form">, comment: string): string {
  const blob = new Uint8Array(plainLength);
  blob.set([0x45, 0x64, 0x42, 0x4b]);
  blob.set(checksum, 24);
  blob.set(number, 32);
  blob.set(secret, 40);
  return keyFile(base64(blob), `${comment} secret key`);
}

/** The file of a key that its passphrase opens. */
export function encryptedKeyFile(key: Omit<EncryptedPrivateKey, "form">, comment: string): string {
  const blob = Uint8Array.from([...sealedHeader(key), ...key.sealed]);
  return keyFile(base64(blob), `${comment} encrypted secret key`);
}

/** What is authenticated together with the encrypted part. */
export function sealedHeader({ cost, salt, nonce, number }: Omit<EncryptedPrivateKey, "form" | "sealed">): Uint8Array {
  const { logarithm, blocks, lanes } = cost;
  return Uint8Array.from([0x45, 0x64, 0x53, 0x47, logarithm, blocks, lanes, 0, ...salt, ...nonce, ...number]);
}
