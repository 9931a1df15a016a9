import type { Milliseconds } from "../../domain/duration.ts";
import { asFailure, failure } from "../../domain/failures/failure.ts";
import { type DocumentMemory, floorsOf, remembering } from "../../domain/publishing/document-memory.ts";
import { type Document, documentKey, documentLimit } from "../../domain/publishing/documents.ts";
import { expectedDocument, fleetFloor, releaseIn } from "../../domain/publishing/follow-rules.ts";
import { type ClockFacts, judgeFreshness } from "../../domain/publishing/freshness.ts";
import { isPrecise } from "../../domain/publishing/precise-marker.ts";
import { documentTitle, type SignatureCheck, verifyDocument } from "../../domain/publishing/verify-document.ts";
import { type Marker, sameMarker } from "../../domain/release.ts";
import type { RolloutRelease } from "../../domain/rollout/record.ts";
import type { FollowDeclaration } from "../../domain/service.ts";
import { archives } from "../../drivers/archives/registry.ts";
import type { CheckAnswer, Repository } from "../../drivers/repositories/repository.ts";
import type { Clock } from "../../platform/ports.ts";
import { publishedContent } from "./published-content.ts";
import { readDocument } from "./read-document.ts";

/** What is remembered of the documents that were taken, across restarts. */
export interface MemoryKeeper {
  read(): DocumentMemory | undefined;
  /** Returns once it is on the disk, or throws: a document that would be forgotten is not taken. */
  keep(memory: DocumentMemory): void;
}

export interface FollowPorts {
  /** The object at a key below the path of the artifact. */
  readonly objectAt: (key: string) => Repository;
  readonly memory: MemoryKeeper;
  /** What the fleet takes, as far as this host has seen it. */
  readonly fleet: () => RolloutRelease | undefined;
  readonly clock: Pick<Clock, "wall" | "monotonic">;
  readonly check: SignatureCheck;
  /** When this program was built; milliseconds since 1970. */
  readonly built: number;
}

/** A document that this very process judged, and what its store said of it. */
interface Taken {
  readonly pointer: Marker;
  readonly document: Document;
  readonly signedBy: string | undefined;
  /** When it was first seen so, by a clock that nobody sets. */
  readonly since: Milliseconds;
  /** Whether "nothing changed" is to be believed from now on. */
  readonly sure: boolean;
}

/** After so long, what a server dates in whole seconds has another date when it changes. */
const datesApart: Milliseconds = 2_000;

/** A document may be replaced between two requests; more often than this it is not for luck. */
const readsInARow = 3;

/**
 * What was published, as a repository: the document that the service follows is asked for by one conditional request, read and
 * judged only when it changed, and leads to a marker that holds the digest of the content. What an earlier process judged is
 * judged once more: the configuration may have changed since.
 */
export function followRepository(follows: FollowDeclaration, ports: FollowPorts): Repository {
  const pointer = ports.objectAt(documentKey(expectedDocument(follows)));
  const content = publishedContent(ports.objectAt);
  let taken: Taken | undefined;
  return {
    artifact: "range" in follows.wanted ? `${pointer.artifact} (${follows.wanted.range.text})` : pointer.artifact,
    async check(known, signal) {
      const before = taken;
      const now = await latest(follows, ports, pointer, before, signal);
      // Of two checks at once, the one that found something new counts.
      const counts = now === before ? (taken ?? now) : now;
      taken = counts;
      const marker = releaseOf(counts, follows, pointer.artifact);
      return sameMarker(known, marker) ? { outcome: "unchanged" } : { outcome: "found", marker };
    },
    open: (marker, from, signal) => content.open(marker, from, signal),
    close() {
      pointer.close();
      content.close();
    },
  };
}

/** A content type that means no archive. */
const plainFile = "application/octet-stream";

function releaseOf({ document, signedBy }: Taken, follows: FollowDeclaration, object: string): Marker {
  const marker = releaseIn(document, follows, object, signedBy);
  const format = marker.published?.format ?? "";
  const known = archives.find(format);
  if (known !== undefined) return { ...marker, contentType: known.contentTypes[0] ?? plainFile };
  const problem = `the artifact has the format "${format}", which this version of Dropship does not know`;
  throw failure("document-unreadable", { object, problem });
}

/** The document as it is now, judged. */
async function latest(
  follows: FollowDeclaration,
  ports: FollowPorts,
  pointer: Repository,
  before: Taken | undefined,
  signal: AbortSignal,
): Promise<Taken> {
  for (let reads = 1; ; reads += 1) {
    const answer = await pointer.check(before?.sure ? before.pointer : undefined, signal);
    if (answer.outcome === "unchanged") return stillFresh(follows, ports, pointer, before);
    try {
      return { ...(await take(follows, ports, pointer, answer, signal)), ...sureness(before, answer.marker, ports) };
    } catch (thrown) {
      if (asFailure(thrown).code !== "artifact-changed" || reads >= readsInARow) throw thrown;
    }
  }
}

/** A document that may have been replaced unseen is read once more, a little later. */
function sureness(before: Taken | undefined, marker: Marker, { clock }: FollowPorts): Pick<Taken, "since" | "sure"> {
  const now = clock.monotonic();
  const since = before !== undefined && sameMarker(before.pointer, marker) ? before.since : now;
  return { since, sure: isPrecise(marker) || now - since >= datesApart };
}

/** Time passes also for a document that never changes. */
function stillFresh(
  { trust }: FollowDeclaration,
  ports: FollowPorts,
  { artifact }: Repository,
  before: Taken | undefined,
): Taken {
  if (before === undefined) {
    const reason = "it says that nothing changed, and was not told since when";
    throw failure("answer-malformed", { address: artifact, reason });
  }
  judgeFreshness(artifact, before.document, trust, clockFacts(ports));
  return before;
}

/** Reads and judges the document, and remembers it before anything follows from it. */
async function take(
  follows: FollowDeclaration,
  ports: FollowPorts,
  pointer: Repository,
  { marker }: Extract<CheckAnswer, { outcome: "found" }>,
  signal: AbortSignal,
): Promise<Omit<Taken, "since" | "sure">> {
  const expected = expectedDocument(follows);
  const bytes = await readDocument(pointer, marker, documentLimit(expected.kind), signal);
  const title = documentTitle(expected);
  const { memory, fleet, check, clock } = ports;
  const known = memory.read();
  const court = {
    trust: follows.trust,
    floors: [...floorsOf(known, title), ...fleetFloor(follows, fleet())],
    clock: clockFacts(ports),
    check,
  };
  const { document, floor, signedBy } = verifyDocument(bytes, { ...expected, object: pointer.artifact }, court);
  memory.keep(remembering(known, { document: title, floor }, clock.wall()));
  return { pointer: marker, document, signedBy };
}

function clockFacts({ clock, built, memory }: FollowPorts): ClockFacts {
  const lastGood = memory.read()?.lastGood;
  return { now: clock.wall(), built, ...(lastGood !== undefined && { lastGood }) };
}
