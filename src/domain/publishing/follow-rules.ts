import type { Marker, Published } from "../release.ts";
import type { RolloutRelease } from "../rollout/record.ts";
import type { FollowDeclaration } from "../service.ts";
import type { Document, DocumentName, VersionEntry } from "./documents.ts";
import type { Floor } from "./sequence.ts";
import { documentTitle } from "./verify-document.ts";
import { chosenVersion } from "./version-rules.ts";

/** The one document that says what a service takes. */
export function expectedDocument(follows: FollowDeclaration): DocumentName & { readonly service: string } {
  const { application: service, wanted } = follows;
  if ("channel" in wanted) return { kind: "channel", channel: wanted.channel, service };
  if ("exact" in wanted) return { kind: "release", version: wanted.exact.text, service };
  return { kind: "index", service };
}

/**
 * The row that releases follow one another in, as a service sees it: `channel "stable" of "web"`. Sequences of different lines
 * say nothing about each other: who follows another channel, or another range of the same index, begins anew.
 */
function lineOf(follows: FollowDeclaration): string {
  const { application, wanted } = follows;
  if ("range" in wanted) return `versions ${wanted.range.text} of ${JSON.stringify(application)}`;
  return documentTitle(expectedDocument(follows));
}

/**
 * The release that this document, which is believed, leads to. Known by its content alone: it stays the same when the document
 * is signed anew. Throws "range-unmet".
 */
export function releaseIn(
  document: Document,
  follows: FollowDeclaration,
  object: string,
  signedBy: string | undefined,
): Marker {
  const { wanted } = follows;
  const { created, by } = document;
  const common = { line: lineOf(follows), ...(signedBy !== undefined && { signedBy }) };
  if (document.kind !== "index") {
    const { version, artifact } = document.release;
    const way = document.kind === "channel" ? { channel: document.channel, sequence: document.sequence } : {};
    return markerOf({ ...artifact, version, created, by }, { ...common, ...way });
  }
  if (!("range" in wanted)) throw new TypeError("Only who follows a range reads the index.");
  return markerOf(chosenVersion(wanted.range, document, object), { ...common, sequence: document.sequence });
}

function markerOf(
  entry: Omit<VersionEntry, "name" | "yanked">,
  way: Pick<Published, "line" | "channel" | "sequence" | "signedBy">,
): Marker {
  const { version, key, sha256, length, format, created, by } = entry;
  return { size: length, sha256, published: { version, key, format, created, by, ...way } };
}

/**
 * What the rollout record knows of the document that a service follows: a host whose memory is lost takes nothing older than
 * its fleet does. An index is known there by its number alone.
 */
export function fleetFloor(follows: FollowDeclaration, release: RolloutRelease | undefined): readonly Floor[] {
  if (release?.line === undefined || release.line !== lineOf(follows)) return [];
  const { order, digest, signedBy } = release;
  const content = "range" in follows.wanted ? {} : { content: digest };
  return [{ ...(order !== undefined && { sequence: order }), ...content, ...(signedBy !== undefined && { signedBy }) }];
}
