import { failure } from "../domain/failures/failure.ts";
import { encodeDocument } from "../domain/publishing/document-text.ts";
import type { Document } from "../domain/publishing/documents.ts";
import { writeEnvelope } from "../domain/publishing/envelope.ts";
import { hex } from "../domain/publishing/hex.ts";
import {
  encryptedKeyFile,
  plainKeyFile,
  readPrivateKey,
  sealedHeader,
  usualCost,
} from "../domain/publishing/private-key-text.ts";
import { type PublicKey, publicKeyFile, publicKeyOf } from "../domain/publishing/public-key.ts";
import type { Secrets } from "../domain/secrets.ts";
import type { Cryptography } from "../platform/ports.ts";

/** A private key that is ready for use. What is secret of it cannot be seen from outside, let alone printed. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  /** The object that holds the message and its signature. */
  sign(message: Uint8Array): Uint8Array;
}

/** The two files of a new key. */
export interface KeyPair {
  readonly publicKey: PublicKey;
  readonly publicFile: string;
  /** Secret where it is not encrypted: for a file that its owner alone may read. */
  readonly privateFile: string;
}

/**
 * Makes a key. Without a passphrase its file is signify's own; `comment` says whose it is, and stands in both files. Throws
 * "signing-passphrase-empty": nobody should believe a key encrypted that anybody can open.
 */
export async function makeKeyPair(
  { comment, passphrase }: { readonly comment: string; readonly passphrase?: string | undefined },
  cryptography: Cryptography,
  secrets: Secrets,
): Promise<KeyPair> {
  if (passphrase === "") throw failure("signing-passphrase-empty", {});
  const seed = cryptography.random(32);
  const number = cryptography.random(8);
  const key = cryptography.publicKey(seed);
  const secret = Uint8Array.from([...seed, ...key]);
  const publicKey = publicKeyOf(number, key);
  const privateFile =
    passphrase === undefined
      ? plainKeyFile({ number, secret, checksum: cryptography.sha512(secret).subarray(0, 8) }, comment)
      : await sealedKeyFile({ number, secret, passphrase, comment }, cryptography);
  secrets.add([privateFile, ...(passphrase === undefined ? [] : [passphrase])]);
  return { publicKey, publicFile: publicKeyFile(publicKey, comment), privateFile };
}

async function sealedKeyFile(
  key: {
    readonly number: Uint8Array;
    readonly secret: Uint8Array;
    readonly passphrase: string;
    readonly comment: string;
  },
  cryptography: Cryptography,
): Promise<string> {
  const { number, secret, passphrase, comment } = key;
  const parts = { number, cost: usualCost, salt: cryptography.random(16), nonce: cryptography.random(12) };
  const sealed = await cryptography.seal({ ...parts, passphrase, associated: sealedHeader(parts) }, secret);
  return encryptedKeyFile({ ...parts, sealed }, comment);
}

/** The text of a private key, and where it came from: a path, or the name of a variable. */
export interface PrivateKeySource {
  readonly text: string;
  readonly place: string;
  readonly passphrase?: string | undefined;
}

/**
 * Opens a private key: one of ours, or one that signify made without a passphrase. Throws "signing-key-unreadable",
 * "signing-passphrase-missing" or "signing-passphrase-wrong"; none of them holds a word of the key.
 */
export async function openSigningKey(
  source: PrivateKeySource,
  cryptography: Cryptography,
  secrets: Secrets,
): Promise<SigningKey> {
  const { text, place, passphrase } = source;
  secrets.add([text, ...(passphrase === undefined ? [] : [passphrase])]);
  const unreadable = (problem: string) => failure("signing-key-unreadable", { place, problem });
  const key = readPrivateKey(text);
  if (typeof key === "string") throw unreadable(key);
  if (key.form === "encrypted") {
    if (passphrase === undefined || passphrase === "") throw failure("signing-passphrase-missing", { place });
    const secret = await cryptography.open({ ...key, passphrase, associated: sealedHeader(key) }, key.sealed);
    if (secret === undefined) throw failure("signing-passphrase-wrong", { place });
    return signingKey(key.number, secret, cryptography, unreadable);
  }
  if (hex(cryptography.sha512(key.secret).subarray(0, 8)) !== hex(key.checksum)) {
    throw unreadable("its checksum is wrong: it is damaged");
  }
  return signingKey(key.number, key.secret, cryptography, unreadable);
}

function signingKey(
  number: Uint8Array,
  secret: Uint8Array,
  cryptography: Cryptography,
  unreadable: (problem: string) => Error,
): SigningKey {
  const seed = secret.slice(0, 32);
  const publicKey = publicKeyOf(number, cryptography.publicKey(seed));
  if (hex(publicKey.bytes) !== hex(secret.subarray(32))) throw unreadable("its two halves do not belong together");
  return { publicKey, sign: (message) => writeEnvelope(number, cryptography.sign(seed, message), message) };
}

/** The object of a document, as it is uploaded: signed, or the document alone. `object`: where it will lie. */
export function objectOf(document: Document, object: string, key: SigningKey | undefined): Uint8Array {
  const message = encodeDocument(document, object);
  return key === undefined ? message : key.sign(message);
}
