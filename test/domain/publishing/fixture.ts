import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeDocument } from "../../../src/domain/publishing/document-text.ts";
import {
  artifactKey,
  type ChannelDocument,
  type Document,
  type DocumentHead,
  type IndexDocument,
  type PublishedArtifact,
  type ReleaseDocument,
  type ReleaseInfo,
  type VersionEntry,
} from "../../../src/domain/publishing/documents.ts";
import { writeEnvelope } from "../../../src/domain/publishing/envelope.ts";
import { type PublicKey, publicKeyOf } from "../../../src/domain/publishing/public-key.ts";
import { type Trust, usualMaxJump } from "../../../src/domain/publishing/trust.ts";
import type { Court } from "../../../src/domain/publishing/verify-document.ts";
import { cryptography } from "../../../src/platform/cryptography.ts";

/** A moment in these tests, and one a day later. */
export const monday = Date.UTC(2026, 10, 23);
export const day = 24 * 3_600_000;

export interface TestKey {
  readonly publicKey: PublicKey;
  /** The signed object with this message. */
  sign(message: Uint8Array): Uint8Array;
}

/** A key that is the same in every run. */
export function testKey(seed: number): TestKey {
  const secret = new Uint8Array(32).fill(seed);
  const number = new Uint8Array(8).fill(seed);
  return {
    publicKey: publicKeyOf(number, cryptography.publicKey(secret)),
    sign: (message) => writeEnvelope(number, cryptography.sign(secret, message), message),
  };
}

export const ours = testKey(1);
export const theirs = testKey(2);

export function trusting(keys: readonly TestKey[], more: Partial<Trust> = {}): Trust {
  return { keys: keys.map(({ publicKey }) => publicKey), maxJump: usualMaxJump, ...more };
}

/** Trusts `ours`, knows nothing, and it is Monday. */
export function court(more: Partial<Court> = {}): Court {
  const clock = { now: monday, built: monday - 100 * day };
  return { trust: trusting([ours]), floors: [], clock, check: cryptography, ...more };
}

export function signed(document: Document, key: TestKey = ours): Uint8Array {
  return key.sign(encodeDocument(document, "here"));
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const head: DocumentHead = { format: 1, service: "web", created: monday - day, by: "ci@example" };

export function artifact(content = "a", more: Partial<PublishedArtifact> = {}): PublishedArtifact {
  const sha256 = cryptography.sha256(bytesOf(content));
  const format = more.format ?? "tar.zst";
  return { key: artifactKey(sha256, format), sha256, length: 1000, format, unpacked: 5000, entries: 12, ...more };
}

export function releaseInfo(version = "1.4.2", content = version): ReleaseInfo {
  return { version, artifact: artifact(content) };
}

export function releaseDocument(version = "1.4.2", more: Partial<ReleaseDocument> = {}): ReleaseDocument {
  return { ...head, kind: "release", release: releaseInfo(version), ...more };
}

export function channelDocument(more: Partial<ChannelDocument> = {}): ChannelDocument {
  return { ...head, kind: "channel", channel: "stable", sequence: 7, release: releaseInfo(), ...more };
}

export function entry(version: string, more: Partial<VersionEntry> = {}): VersionEntry {
  const { key, sha256, length, format } = artifact(version);
  return { version, key, sha256, length, format, created: monday - day, by: "ci@example", ...more };
}

export function indexDocument(
  versions: readonly (string | VersionEntry)[] = ["1.4.1", "1.4.2"],
  more: Partial<IndexDocument> = {},
): IndexDocument {
  const entries = versions.map((one) => (typeof one === "string" ? entry(one) : one));
  return { ...head, kind: "index", sequence: 3, versions: entries, ...more };
}

/** Throws a failure of the catalogue with this code; for `assert.throws`. */
export function withCode(code: string, saying?: RegExp): (thrown: unknown) => true {
  return (thrown) => {
    assert.equal((thrown as { code?: string }).code, code, String(thrown));
    if (saying !== undefined) assert.match((thrown as Error).message, saying);
    return true;
  };
}

const digits = fc.nat({ max: 40 }).map(String);
const identifier = fc.oneof(digits, fc.stringMatching(/^[0-9A-Za-z-]{0,3}[A-Za-z-]$/));

/** Versions as people write them, many of them near one another. */
export const anyVersion: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom("0", "1", "2", "10"), digits), { minLength: 1, maxLength: 4 }),
    fc.option(fc.array(identifier, { minLength: 1, maxLength: 3 })),
    fc.option(fc.array(identifier, { minLength: 1, maxLength: 2 })),
  )
  .map(([numbers, before, build]) => {
    const dash = before === null ? "" : `-${before.join(".")}`;
    return `${numbers.join(".")}${dash}${build === null ? "" : `+${build.join(".")}`}`;
  });

const anyMoment = fc.integer({ min: 0, max: 4e12 });
const anyLine = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .map((text) => `by ${text.replace(/[\p{Cc}\u2028\u2029]/gu, "")}`);
const anyDigest = fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => cryptography.sha256(bytes));

const anyContent = fc
  .tuple(anyDigest, fc.constantFrom("tar.zst", "tar.gz", "zip", "file"), fc.nat(), fc.constantFrom("app.jar", "a b"))
  .map(([sha256, format, length, name]) => {
    const content = { key: artifactKey(sha256, format), sha256, length, format };
    return format === "file" ? { ...content, name } : content;
  });

const anyRelease: fc.Arbitrary<ReleaseInfo> = fc
  .tuple(anyVersion, anyContent, fc.nat(), fc.nat(), fc.option(fc.string({ unit: "binary" })))
  .map(([version, content, unpacked, entries, notes]) => {
    return { version, artifact: { ...content, unpacked, entries }, ...(notes === null ? {} : { notes }) };
  });

const anyEntry: fc.Arbitrary<VersionEntry> = fc
  .tuple(anyVersion, anyContent, anyMoment, anyLine, fc.option(fc.tuple(anyMoment, anyLine, anyLine)))
  .map(([version, content, created, by, taken]) => {
    const entryOf = { version, ...content, created, by };
    return taken === null ? entryOf : { ...entryOf, yanked: { at: taken[0], by: taken[1], reason: taken[2] } };
  });

const anyHead = fc
  .tuple(anyLine, anyMoment, anyLine, fc.option(fc.integer({ min: 1, max: 1e9 })))
  .map(([service, created, by, validFor]) => {
    const document = { format: 1 as const, service, created, by };
    return validFor === null ? document : { ...document, expires: created + validFor };
  });

const anySequence = fc.oneof(
  fc.integer({ min: 1, max: 100 }),
  fc.maxSafeInteger().map((one) => Math.max(1, one)),
);

/** Every kind of document that can be written. */
export const anyDocument: fc.Arbitrary<Document> = fc.oneof(
  fc.tuple(anyHead, anyRelease).map(([one, release]): Document => ({ ...one, kind: "release", release })),
  fc
    .tuple(anyHead, anyRelease, anySequence, fc.constantFrom("stable", "beta.2", "a"))
    .map(([one, release, sequence, channel]): Document => ({ ...one, kind: "channel", channel, sequence, release })),
  fc.tuple(anyHead, fc.array(anyEntry, { maxLength: 4 }), anySequence).map(([one, versions, sequence]): Document => {
    const distinct = versions.map((each, place) => ({ ...each, version: `${place}.1+${each.length}` }));
    return { ...one, kind: "index", sequence, versions: distinct };
  }),
);
