import { failure } from "../failures/failure.ts";
import {
  type ChannelDocument,
  type IndexDocument,
  type PublishedArtifact,
  type ReleaseDocument,
  type ReleaseInfo,
  sameArtifact,
  type VersionEntry,
} from "./documents.ts";
import { headOf, nextSequence, type Publication } from "./publication.ts";
import { highestWithin, type Range } from "./range.ts";
import { parseVersion, versionName } from "./version.ts";

/**
 * What a push makes of `releases/<version>`: the document that stands there, if it is of the same content, for the same push
 * again changes nothing; otherwise a new one. Throws "version-taken": a version never changes.
 */
export function pushedRelease(
  standing: ReleaseDocument | undefined,
  release: ReleaseInfo,
  publication: Publication,
): ReleaseDocument {
  // It is never signed again, so that it must not expire either: that is the channel's and the index's to do.
  const lasting = { ...publication, validFor: Number.POSITIVE_INFINITY };
  if (standing === undefined) return { ...headOf(lasting), kind: "release", release };
  const { artifact, version } = standing.release;
  if (sameArtifact(artifact, release.artifact)) return standing;
  throw taken(publication.service, { ...artifact, ...standing, version });
}

/**
 * The index once it lists this release document, which stands in the repository already. The very same index when it lists it:
 * nothing is to be written then. Throws "version-taken" when it lists the version with other content.
 */
export function indexWith(
  index: IndexDocument | undefined,
  document: ReleaseDocument,
  publication: Publication,
): IndexDocument {
  const entry = entryOf(document);
  const listed = index && entryFor(index, entry.version);
  if (index === undefined || listed === undefined) {
    return nextIndex(index, [...(index?.versions ?? []), entry], publication);
  }
  if (sameArtifact(listed, entry)) return index;
  throw taken(publication.service, listed);
}

function taken(
  service: string,
  { version, sha256, by, created }: Pick<VersionEntry, "version" | "sha256" | "by" | "created">,
): Error {
  const at = new Date(created).toISOString().replace(/\.\d+Z$/, "Z");
  return failure("version-taken", { version, service, digest: sha256, by, at });
}

function entryOf({ release, created, by }: ReleaseDocument): VersionEntry {
  const { key, sha256, length, format, name }: PublishedArtifact = release.artifact;
  return {
    ...{ version: release.version, key, sha256, length, format },
    ...(name === undefined ? {} : { name }),
    ...{ created, by },
  };
}

/** The index with these versions, the next in the row. */
export function nextIndex(
  index: IndexDocument | undefined,
  versions: readonly VersionEntry[],
  publication: Publication,
): IndexDocument {
  const sequence = nextSequence("index", index?.sequence, publication);
  const { expires: _, ...standing } = index ?? {};
  return { ...standing, ...headOf(publication, index), kind: "index", sequence, versions };
}

/** What the index lists under this version, however it is written; undefined: nothing. Throws "version-invalid". */
export function entryFor(index: IndexDocument, version: string): VersionEntry | undefined {
  const name = versionName(parseVersion(version));
  return index.versions.find((entry) => versionName(parseVersion(entry.version)) === name);
}

/** The version that may be promoted. Throws "version-invalid", "version-unknown" or "version-yanked". */
export function promotableVersion(index: IndexDocument | undefined, version: string, service: string): VersionEntry {
  const { entry } = knownVersion(index, version, service);
  const { yanked } = entry;
  if (yanked === undefined) return entry;
  throw failure("version-yanked", { version: entry.version, service, by: yanked.by, reason: yanked.reason });
}

function knownVersion(index: IndexDocument | undefined, version: string, service: string) {
  const entry = index && entryFor(index, version);
  if (index === undefined || entry === undefined) throw failure("version-unknown", { version, service });
  return { index, entry };
}

/** The version that a service takes which follows a range. `object`: where the index lies. Throws "range-unmet". */
export function chosenVersion(range: Range, index: IndexDocument, object: string): VersionEntry {
  const entry = highestWithin(range, index.versions);
  if (entry === undefined) throw failure("range-unmet", { range: range.text, object });
  return entry;
}

/** Whether the release document at `object` speaks of the content that the index lists. Throws "release-not-as-listed". */
export function requireAsListed(entry: VersionEntry, { release }: ReleaseDocument, object: string): void {
  if (sameArtifact(entry, release.artifact)) return;
  const { version, sha256: listed } = entry;
  throw failure("release-not-as-listed", { object, version, listed, found: release.artifact.sha256 });
}

/**
 * The index once this version is taken back; the very same one when it is already. `channels`: all there are. Throws
 * "version-unknown", and "version-in-channel" while hosts are told to take it.
 */
export function yankedIn(
  standing: IndexDocument | undefined,
  { version, reason }: { readonly version: string; readonly reason: string },
  channels: readonly ChannelDocument[],
  publication: Publication,
): IndexDocument {
  const { service, by, created } = publication;
  const { index, entry } = knownVersion(standing, version, service);
  if (entry.yanked !== undefined) return index;
  const pointing = channels
    .filter(({ release }) => sameVersion(release.version, version))
    .map(({ channel }) => channel);
  if (pointing.length > 0) {
    throw failure("version-in-channel", { version: entry.version, service, channels: pointing.join(", ") });
  }
  const yanked = { ...entry, yanked: { at: created, by, reason } };
  const versions = index.versions.map((one) => (one === entry ? yanked : one));
  return nextIndex(index, versions, publication);
}

/** Whether two texts name the same version. */
export function sameVersion(one: string, other: string): boolean {
  return versionName(parseVersion(one)) === versionName(parseVersion(other));
}
