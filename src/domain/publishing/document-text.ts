import {
  bytesOf,
  digest,
  documentIn,
  field,
  fieldsOf,
  list,
  Misfit,
  maybe,
  misfit,
  type Part,
  requireForm,
  text,
  whole,
  word,
} from "../document.ts";
import { failure } from "../failures/failure.ts";
import {
  artifactKey,
  type ChannelDocument,
  type Document,
  type DocumentHead,
  documentLimit,
  type IndexDocument,
  isChannelName,
  type PublishedArtifact,
  type ReleaseDocument,
  type ReleaseInfo,
  type VersionEntry,
  type Yanked,
} from "./documents.ts";
import { parseVersion, readVersion, versionName } from "./version.ts";

/** What a signature adds to a document, and some room for a comment. */
const signatureRoom = 1280;

/**
 * The document as the bytes that are signed: one line of JSON, its fields in order, and the end of the line. `object` says
 * where it will lie. Throws "document-full", and "document-unwritable" for what no host would read.
 */
export function encodeDocument(document: Document, object: string): Uint8Array {
  const json = bytesOf(document);
  const bytes = new Uint8Array(json.length + 1);
  bytes.set(json);
  bytes[json.length] = lineEnd;
  const limit = documentLimit(document.kind) - signatureRoom;
  if (bytes.length > limit) throw failure("document-full", { object, bytes: bytes.length, limit });
  try {
    documentWithin(bytes, limit);
  } catch (thrown) {
    if (!(thrown instanceof Misfit)) throw thrown;
    throw failure("document-unwritable", { object, problem: thrown.message }, thrown);
  }
  return bytes;
}

/**
 * The document in these bytes, which are believed as they are: `verify-document.ts` decides that first. Throws "document-unreadable" for
 * anything that is not wholly as `documents.ts` says. Fields that this version does not know stay in it and are written again
 * with it, but not in what names content (`artifact`): what somebody adds there is meant to be heeded.
 */
export function decodeDocument(bytes: Uint8Array, object: string): Document {
  try {
    return documentWithin(bytes, documentLimit("index"));
  } catch (thrown) {
    if (!(thrown instanceof Misfit)) throw thrown;
    throw failure("document-unreadable", { object, problem: thrown.message }, thrown);
  }
}

const lineEnd = 0x0a;

function documentWithin(bytes: Uint8Array, limit: number): Document {
  const part = documentIn(bytes, limit);
  requireForm(field(part, "format"), 1);
  const kind = word(field(part, "kind"), ["release", "channel", "index"]);
  if (bytes.at(-1) !== lineEnd) throw new Misfit("it does not end with the end of a line: it may have been cut");
  switch (kind) {
    case "release":
      return { ...headIn(part), kind, release: releaseIn(field(part, "release")) } satisfies ReleaseDocument;
    case "channel":
      return channelIn(part);
    case "index":
      return indexIn(part);
  }
}

function headIn(part: Part): DocumentHead {
  const created = moment(field(part, "created"));
  const head = { ...fieldsOf(part), format: 1, service: line(field(part, "service")), created } as const;
  const expires = maybe(part, "expires", moment);
  if (expires.expires !== undefined && expires.expires <= created) {
    throw misfit(field(part, "expires"), "later than created");
  }
  return { ...head, by: line(field(part, "by")), ...expires };
}

function channelIn(part: Part): ChannelDocument {
  const channel = field(part, "channel");
  if (!isChannelName(text(channel))) throw misfit(channel, "the name of a channel");
  return {
    ...headIn(part),
    kind: "channel",
    channel: text(channel),
    sequence: whole(field(part, "sequence"), 1),
    release: releaseIn(field(part, "release")),
  };
}

function indexIn(part: Part): IndexDocument {
  const versions = list(field(part, "versions"), entryIn);
  const names = new Map<string, number>();
  for (const [place, { version }] of versions.entries()) {
    const name = versionName(parseVersion(version));
    const first = names.get(name);
    if (first !== undefined) throw misfit({ value: version, at: `versions[${place}].version` }, `new (see [${first}])`);
    names.set(name, place);
  }
  return { ...headIn(part), kind: "index", sequence: whole(field(part, "sequence"), 1), versions };
}

function releaseIn(part: Part): ReleaseInfo {
  return {
    ...fieldsOf(part),
    version: versionIn(field(part, "version")),
    artifact: artifactIn(field(part, "artifact")),
    ...maybe(part, "notes", notesIn),
  };
}

const artifactFields = ["key", "sha256", "length", "format", "unpacked", "entries", "name"];

function artifactIn(part: Part): PublishedArtifact {
  const unknown = Object.keys(fieldsOf(part)).find((name) => !artifactFields.includes(name));
  if (unknown !== undefined) throw misfit(field(part, unknown), "known to this version of Dropship");
  const artifact: PublishedArtifact = {
    ...contentIn(part),
    unpacked: whole(field(part, "unpacked")),
    entries: whole(field(part, "entries")),
    ...maybe(part, "name", fileNameIn),
  };
  if ((artifact.format === "file") === (artifact.name !== undefined)) return artifact;
  throw misfit(
    field(part, "name"),
    artifact.format === "file" ? "the name of the file" : "missing: an archive has none",
  );
}

/** What names content, and where it lies. */
function contentIn(part: Part): Omit<PublishedArtifact, "unpacked" | "entries"> {
  const sha256 = digest(field(part, "sha256"));
  const format = text(field(part, "format"));
  if (!/^[a-z0-9]+(?:\.[a-z0-9]+)?$/.test(format) || format.length > 16) {
    throw misfit(field(part, "format"), "the name of a format");
  }
  const key = artifactKey(sha256, format);
  // A key leads to an object: one that could name any other would let a document reach beyond its own folder.
  if (text(field(part, "key")) !== key) throw misfit(field(part, "key"), key);
  const name = maybe(part, "name", fileNameIn);
  if ((format === "file") !== (name.name !== undefined)) {
    throw misfit(field(part, "name"), format === "file" ? "the name of the file" : "missing: an archive has none");
  }
  return { key, sha256, length: whole(field(part, "length")), format, ...name };
}

function entryIn(part: Part): VersionEntry {
  return {
    ...fieldsOf(part),
    version: versionIn(field(part, "version")),
    ...contentIn(part),
    created: moment(field(part, "created")),
    by: line(field(part, "by")),
    ...maybe(part, "yanked", yankedIn),
  };
}

function yankedIn(part: Part): Yanked {
  return {
    ...fieldsOf(part),
    at: moment(field(part, "at")),
    by: line(field(part, "by")),
    reason: line(field(part, "reason"), 500),
  };
}

function versionIn(part: Part): string {
  const version = readVersion(text(part));
  if (typeof version === "string") throw misfit(part, `a version (${version})`);
  return version.text;
}

/** A text on one line that is not empty. */
function line(part: Part, most = 200): string {
  const value = text(part);
  if (value.trim() !== "" && value.length <= most && !/[\p{Cc}\u2028\u2029]/u.test(value)) return value;
  throw misfit(part, `one line of at most ${most} characters`);
}

function notesIn(part: Part): string {
  const value = text(part);
  if (value.length <= 16_384) return value;
  throw misfit(part, "at most 16384 characters");
}

function fileNameIn(part: Part): string {
  const value = text(part);
  const bytes = new TextEncoder().encode(value).length;
  if (value !== "" && value !== "." && value !== ".." && bytes <= 255 && !/[/\\\p{Cc}\p{Cs}]/u.test(value))
    return value;
  throw misfit(part, "the name of a file");
}

/** The last moment that a date can hold. */
const lastMoment = 8.64e15;

function moment(part: Part): number {
  return whole(part, 0, lastMoment);
}
