import { deniedFor } from "../domain/denied-release.ts";
import type { Milliseconds } from "../domain/duration.ts";
import type { FailureNote } from "../domain/failures/failure.ts";
import { type Marker, type Release, sameMarker } from "../domain/release.ts";
import type { ServiceState } from "./service-state.ts";

/** What a service does after a check. */
export type NextMove =
  | { readonly move: "nothing" }
  /** What stands at the destination is this upload, as the config's `hash` says: remember it with `acquainted`. */
  | { readonly move: "acquaint"; readonly marker: Marker }
  | { readonly move: "update"; readonly marker: Marker }
  | {
      readonly move: "hold";
      readonly why: "paused" | "pinned" | "broken" | "denied" | "backing-off";
      readonly marker: Marker;
      readonly reason?: FailureNote;
    };

export interface MoveFacts {
  /** What the repository offers: the marker of the answer, or `state.seen` when nothing changed. */
  readonly marker: Marker | undefined;
  /** The config's `hash`. */
  readonly knownHash?: string | undefined;
  /** What is left of the wait after a failed attempt, by a clock that nobody can set. */
  readonly waitLeft: Milliseconds;
  /** The operator asked for this update: waits and the broken mark do not hold it. */
  readonly asked: boolean;
}

/** Decides what comes after a check; pure, so that `check`, `status` and the loop say the same. */
export function nextMove(state: ServiceState, facts: MoveFacts): NextMove {
  const { marker } = facts;
  if (marker === undefined) return { move: "nothing" };
  const digest = sameMarker(state.seen?.marker, marker) ? state.seen?.digest : publishedDigest(marker);
  const denied = deniedFor(state.denied, { digest, marker });
  const current = isCurrent(state, marker, digest);
  // What is bad and stands there all the same, for nobody could take it away, is not up to date. A service that somebody
  // holds is held for that reason, whatever is offered.
  const held = !current && (state.pinned !== undefined || state.paused);
  if (denied && !held) return { move: "hold", why: "denied", marker, reason: denied.reason };
  if (current) return { move: "nothing" };
  if (state.seen === undefined && matchesHash(marker, facts.knownHash)) return { move: "acquaint", marker };
  if (state.pinned !== undefined) return { move: "hold", why: "pinned", marker };
  if (state.paused) return { move: "hold", why: "paused", marker };
  if (facts.asked) return { move: "update", marker };
  if (state.broken) return { move: "hold", why: "broken", marker, reason: state.broken };
  if (facts.waitLeft > 0) return { move: "hold", why: "backing-off", marker };
  return { move: "update", marker };
}

/** The release that `dropship rollback` goes to: the last good one on disk that is neither the current one nor denied. */
export function rollbackTarget(state: ServiceState, onDisk: readonly Release[]): Release | undefined {
  const byId = new Map(onDisk.map((release) => [release.id, release]));
  const candidates = state.good.filter((id) => id !== state.current?.id).map((id) => byId.get(id));
  return candidates.findLast(
    (release) => release !== undefined && deniedFor(state.denied, { digest: release.digest }) === undefined,
  );
}

/** Of what was published, the content is known before it is fetched: what went bad is not fetched again. */
function publishedDigest({ published, sha256 }: Marker): string | undefined {
  return published === undefined ? undefined : sha256;
}

function isCurrent(state: ServiceState, marker: Marker, digest: string | undefined): boolean {
  if (!sameMarker(state.seen?.marker, marker)) return false;
  // An upload that `hash` spoke for has no digest here: it is what runs until another one comes.
  return digest === undefined || digest === state.current?.digest;
}

/** The original compared the ETag with `hash`; its quotes were dropped. */
export function matchesHash(marker: Marker, knownHash: string | undefined): boolean {
  if (knownHash === undefined || knownHash === "") return false;
  const bare = (value: string) => value.replace(/^W\//, "").replaceAll('"', "").toLowerCase();
  return [marker.etag, marker.md5, marker.sha256].some(
    (value) => value !== undefined && bare(value) === bare(knownHash),
  );
}
