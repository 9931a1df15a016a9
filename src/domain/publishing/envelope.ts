import { base64, bytesInBase64 } from "./base64.ts";
import { hex } from "./hex.ts";

/**
 * A signed document is one object, so that no two can be out of step: signify's embedded form (signify(1), -e), which
 * `signify-openbsd -V -e` verifies without us. A line of comment, which nobody signed, a line with the signature, then the
 * message as it was signed, to the last byte.
 */
export interface Envelope {
  /** The number of the key that made it, in hex: which of the trusted ones to try. */
  readonly key: string;
  /** Ed25519 (RFC 8032) over the message; 64 bytes. */
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
}

const commentStart = "untrusted comment: ";
/** signify takes no longer one. */
const longestComment = 1023;
/** "Ed", the number of the key and the signature. */
const signatureLength = 2 + 8 + 64;
const lineEnd = 0x0a;
const ascii = new TextDecoder("latin1");

/** The parts of a signed object, or in words why it is none. Nothing of it is believed by this, and its message is not looked at. */
export function readEnvelope(bytes: Uint8Array): Envelope | string {
  const commentEnd = bytes.subarray(0, commentStart.length + longestComment + 1).indexOf(lineEnd);
  const comment = ascii.decode(bytes.subarray(0, Math.max(0, commentEnd)));
  if (!comment.startsWith(commentStart)) return `its first line does not begin with "${commentStart.trim()}"`;
  if (/[\x00-\x1f\x7f]/.test(comment)) return "its first line holds control characters";
  const rest = bytes.subarray(commentEnd + 1);
  const lineLength = Math.ceil(signatureLength / 3) * 4;
  if (rest[lineLength] !== lineEnd) return `its second line does not have ${lineLength} characters`;
  const blob = bytesInBase64(ascii.decode(rest.subarray(0, lineLength)));
  if (blob?.length !== signatureLength) return "its second line is not the base64 of a signature";
  if (ascii.decode(blob.subarray(0, 2)) !== "Ed") return "its signature is of a kind that signify does not make";
  return { key: hex(blob.subarray(2, 10)), signature: blob.subarray(10), message: rest.subarray(lineLength + 1) };
}

/** The object with this message and its signature. `key`: the 8 bytes of the key's number. */
export function writeEnvelope(key: Uint8Array, signature: Uint8Array, message: Uint8Array): Uint8Array {
  const blob = new Uint8Array(signatureLength);
  blob.set([0x45, 0x64]);
  blob.set(key, 2);
  blob.set(signature, 10);
  const head = new TextEncoder().encode(`${commentStart}signed by Dropship\n${base64(blob)}\n`);
  const object = new Uint8Array(head.length + message.length);
  object.set(head);
  object.set(message, head.length);
  return object;
}
