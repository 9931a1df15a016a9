import { asFailure, type Failure, type FailureNote, failure } from "../domain/failures/failure.ts";
import { decodeDocument } from "../domain/publishing/document-text.ts";
import { type Document, type DocumentName, documentLimit } from "../domain/publishing/documents.ts";
import { type Court, nameOf, signedMessage, verifyDocument } from "../domain/publishing/verify-document.ts";
import type { ObjectFolder } from "../drivers/repositories/objects.ts";
import { type Content, requireContent } from "./content.ts";

/** What came of looking at one object. */
export interface Finding {
  readonly object: string;
  /** What it is, as far as it is to be believed: "channel stable: 1.4.2". */
  readonly says?: string;
  readonly failure?: FailureNote;
}

export type VerifyCourt = Court & { readonly trust: NonNullable<Court["trust"]> };

/** Judges a document that was copied somewhere: its signature, its form and its time. Throws as hosts would. */
export function verifyBytes(bytes: Uint8Array, object: string, court: VerifyCourt): Document {
  const limit = documentLimit("index");
  if (bytes.length > limit) throw failure("document-too-large", { object, limit });
  const { message } = signedMessage(bytes, object, court.trust, court.check);
  const said = nameOf(decodeDocument(message, object));
  return verifyDocument(bytes, { ...said, object }, court).document;
}

/**
 * Judges all that lies in a repository as a host would that follows it, and looks whether the content is there. Changes nothing:
 * what somebody put in the place of a document is there for the next look, too.
 */
export async function verifyFolder(
  folder: ObjectFolder,
  service: string | undefined,
  court: VerifyCourt,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const keys = (await Promise.all(["index", "releases/", "channels/"].map((prefix) => folder.list(prefix, signal))))
    .flat()
    .map(({ key }) => key)
    .filter((key) => key === "index" || key.includes("/"))
    .sort();
  if (keys.length === 0) throw failure("nothing-published", { place: folder.place, service: service ?? "anything" });
  const findings: Finding[] = [];
  let expected = service;
  for (const key of keys) {
    const object = folder.addressOf(key);
    try {
      const document = await verifyAt(folder, key, expected, court, signal);
      expected ??= document.service;
      for (const content of namedBy(document)) await requireContent(folder, content, signal);
      findings.push({ object, says: sayingOf(document) });
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      findings.push({ object, failure: noteOf(asFailure(thrown)) });
    }
  }
  return findings;
}

function noteOf(met: Failure): FailureNote {
  // That the store is away says nothing of what lies there.
  if (met.passing || met.code === "unexpected") throw met;
  return met.note;
}

/** The document at this key. The first that a trusted key has signed says which application it is about. */
async function verifyAt(
  folder: ObjectFolder,
  key: string,
  service: string | undefined,
  court: VerifyCourt,
  signal: AbortSignal,
): Promise<Document> {
  const object = folder.addressOf(key);
  const name = nameAt(key);
  const found = await folder.shown(key, documentLimit(name.kind), signal);
  if (found === undefined) throw failure("artifact-missing", { artifact: object });
  const expected = service ?? verifyBytes(found, object, court).service;
  return verifyDocument(found, { ...name, service: expected, object }, court).document;
}

function nameAt(key: string): DocumentName {
  const [kind, name = ""] = key.split("/");
  if (kind === "releases") return { kind: "release", version: name };
  return kind === "channels" ? { kind: "channel", channel: name } : { kind: "index" };
}

/** What has to be there. Of a release it need not be: its document outlives its content. */
function namedBy(document: Document): readonly (Content & { readonly version: string })[] {
  if (document.kind === "release") return [];
  if (document.kind === "index") return document.versions;
  const { artifact, version } = document.release;
  return [{ ...artifact, version }];
}

/** What a document says, in a few words. */
export function sayingOf(document: Document): string {
  switch (document.kind) {
    case "release":
      return `version ${document.release.version} of ${document.service}`;
    case "channel":
      return `channel ${document.channel} of ${document.service}: ${document.release.version} (number ${document.sequence})`;
    case "index":
      return `${document.versions.length} versions of ${document.service} (number ${document.sequence})`;
  }
}
