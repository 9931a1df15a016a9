import { failure } from "../failures/failure.ts";
import { decodeDocument } from "./document-text.ts";
import { type Document, type DocumentName, type DocumentOf, documentLimit } from "./documents.ts";
import { readEnvelope } from "./envelope.ts";
import { type ClockFacts, judgeFreshness } from "./freshness.ts";
import { type Floor, judgeSameness, judgeSequence } from "./sequence.ts";
import type { Trust } from "./trust.ts";
import { parseVersion, versionName } from "./version.ts";

/** The document that is expected, and where it was found. */
export type Expectation = DocumentName & {
  /** The application's name. */
  readonly service: string;
  /** As the repository calls the object; for messages. */
  readonly object: string;
};

/** The cryptography that a judgement needs of the platform. */
export interface SignatureCheck {
  /** Whether this is the key's Ed25519 signature (RFC 8032) of the message. Never throws. */
  verifies(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** In lower-case hex. */
  sha256(bytes: Uint8Array): string;
}

/** What a document is judged by. */
export interface Court {
  /** Undefined: there is no trust block. */
  readonly trust?: Trust | undefined;
  /** Of this very document, as far as they are known. */
  readonly floors: readonly Floor[];
  /** Undefined: its time does not matter; who publishes may renew what has expired. */
  readonly clock?: ClockFacts | undefined;
  readonly check: SignatureCheck;
}

/** A document that may be acted upon. */
export interface Accepted<One extends Document> {
  readonly document: One;
  /** The very bytes that were signed: a new key can sign them again. */
  readonly message: Uint8Array;
  /** The number of the trusted key that signed it; undefined: nobody's signature was asked for. */
  readonly signedBy?: string;
  /** What to remember of it, in the place of what was remembered: the next one will be judged by it. */
  readonly floor: Floor;
}

/**
 * Judges what lies in the repository in the place of a document. First its size, then the signature over its raw bytes, and
 * only then is anything of it read; then whether it is the document that was asked for, its sequence and its time. Throws one
 * of the failures in `failures/trust.ts`, and nothing else, whatever the bytes are.
 */
export function verifyDocument<const Expected extends Expectation>(
  bytes: Uint8Array,
  expected: Expected,
  { trust, floors, clock, check }: Court,
): Accepted<DocumentOf<Expected>> {
  const { object } = expected;
  const limit = documentLimit(expected.kind);
  if (bytes.length > limit) throw failure("document-too-large", { object, limit });
  const { message, signedBy } =
    trust === undefined ? unjudged(bytes, object) : signedMessage(bytes, object, trust, check);
  const document = decodeDocument(message, object);
  requirePlace(document, expected);
  const content = document.kind === "index" ? check.sha256(message) : document.release.artifact.sha256;
  if (document.kind === "release") judgeSameness(object, content, floors, trust);
  else judgeSequence(object, { sequence: document.sequence, content }, floors, trust);
  if (clock !== undefined) judgeFreshness(object, document, trust, clock);
  const sequence = document.kind === "release" ? {} : { sequence: document.sequence };
  const floor: Floor = { ...sequence, content, ...signed(signedBy) };
  return { document: document as DocumentOf<Expected>, message, ...signed(signedBy), floor };
}

interface Message {
  readonly message: Uint8Array;
  readonly signedBy?: string;
}

function signed(signedBy: string | undefined): { readonly signedBy?: string } {
  return signedBy === undefined ? {} : { signedBy };
}

const openingBrace = 0x7b;

/** Whether these bytes claim to be signed; a document that nobody signed is the JSON alone. */
export function isSigned(bytes: Uint8Array): boolean {
  return bytes[0] !== openingBrace;
}

/** The message, once a trusted key has signed it. Throws as `verifyDocument` does. */
export function signedMessage(bytes: Uint8Array, object: string, { keys }: Trust, check: SignatureCheck): Message {
  if (!isSigned(bytes)) throw failure("document-unsigned", { object });
  const envelope = readEnvelope(bytes);
  if (typeof envelope === "string") throw failure("document-signature-unreadable", { object, problem: envelope });
  const { key, message, signature } = envelope;
  const trusted = keys.find(({ number }) => number === key);
  if (trusted === undefined) {
    const known = keys.map(({ number }) => number).join(", ");
    throw failure("document-key-unknown", { object, key, trusted: known });
  }
  if (!check.verifies(trusted.bytes, message, signature)) throw failure("document-signature-wrong", { object, key });
  return { message, signedBy: key };
}

/** The message, whoever signed it, if anybody did. */
function unjudged(bytes: Uint8Array, object: string): Message {
  if (!isSigned(bytes)) return { message: bytes };
  const envelope = readEnvelope(bytes);
  if (typeof envelope !== "string") return { message: envelope.message };
  throw failure("document-unreadable", { object, problem: `it is neither JSON nor signed: ${envelope}` });
}

/** What one document may do, another must not: each says itself which one it is. */
function requirePlace(document: Document, expected: Expectation): void {
  const [wanted, found] = [documentTitle(expected), documentTitle(nameOf(document))];
  if (wanted !== found) throw failure("document-misplaced", { object: expected.object, expected: wanted, found });
}

/** Which document it says it is. */
export function nameOf(document: Document): DocumentName & { readonly service: string } {
  return document.kind === "release"
    ? { kind: document.kind, service: document.service, version: document.release.version }
    : document;
}

/** Which document it is, as a person would say: `channel "stable" of "web"`. */
export function documentTitle(name: DocumentName & { readonly service: string }): string {
  const service = JSON.stringify(name.service);
  switch (name.kind) {
    case "release":
      return `version ${versionName(parseVersion(name.version))} of ${service}`;
    case "channel":
      return `channel "${name.channel}" of ${service}`;
    case "index":
      return `the index of ${service}`;
  }
}
