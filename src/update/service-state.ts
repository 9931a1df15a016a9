import { attemptBackoff } from "../domain/attempt-backoff.ts";
import { type DeniedRelease, deny } from "../domain/denied-release.ts";
import { type FailureNote, failure } from "../domain/failures/failure.ts";
import type { DocumentMemory } from "../domain/publishing/document-memory.ts";
import { type Marker, type Release, sameMarker } from "../domain/release.ts";
import type { SlotReport } from "../rollout/coordinator.ts";
import type { UpdateOutcome, UpdateRecord } from "./record.ts";

/** What is remembered of a service between updates. Only the functions below make a new one. */
export interface ServiceState {
  readonly format: 1;
  readonly service: string;
  /** What runs, as the last update left it. */
  readonly current?: Release;
  /** The ids of the releases that proved good here, the latest last; the current one among them when it did. */
  readonly good: readonly string[];
  readonly denied: readonly DeniedRelease[];
  /** The id of the release that the operator holds the service on. */
  readonly pinned?: string;
  readonly paused: boolean;
  /** Going back failed: no update starts by itself until somebody looked. */
  readonly broken?: FailureNote;
  /** The last upload that was dealt with, and its digest if it came that far: what the next check asks about. */
  readonly seen?: { readonly marker: Marker; readonly digest?: string };
  /** Attempts that were aborted in a row. */
  readonly aborts: number;
  /** No attempt before this moment; milliseconds since 1970. Read it with `backoffLeft`, once, at the start. */
  readonly notBefore?: number;
  /** What this host knows of its rollouts. */
  readonly rollout?: {
    /** The highest `seq` of the record that it ever saw: a lower one is refused. */
    readonly floor: number;
    /** The record's `retries` that its own denials were last judged by. */
    readonly retries: number;
    /** Outcomes that the store has not taken yet, the oldest first. */
    readonly owed: readonly SlotReport[];
  };
  /** What it knows of the documents that it follows: none that is older is taken. */
  readonly documents?: DocumentMemory;
  /** The content that was tried last, and how often in a row. */
  readonly tried?: { readonly marker?: Marker; readonly digest?: string; readonly times: number };
}

/** So many good releases are remembered; far more than are ever kept on disk. */
const goodLimit = 100;

/** Of a service that nothing is known about. */
export function blankState(service: string): ServiceState {
  return { format: 1, service, good: [], denied: [], paused: false, aborts: 0 };
}

/**
 * Of a service whose state was lost, or that was never seen here, with this release at its destination. A bad one stays bad,
 * and one that an update left there when it broke has not proved good by standing there.
 */
export function recognised(state: ServiceState, release: Release): ServiceState {
  const seen = release.marker ? { seen: { marker: release.marker, digest: release.digest } } : {};
  const doubtful = state.broken !== undefined || wasDenied(state, release);
  const good = doubtful ? state.good : withGood(state.good, release.id);
  return { ...state, ...seen, current: release, good };
}

/** Somebody took the destination away: what is on offer counts as never seen, so that the next check puts it back. */
export function vanished(state: ServiceState): ServiceState {
  const { current: _, seen: __, ...rest } = state;
  return rest;
}

/** The upload was found to be what the config's `hash` says already stands at the destination. */
export function acquainted(state: ServiceState, marker: Marker): ServiceState {
  return { ...state, seen: { marker } };
}

export function paused(state: ServiceState): ServiceState {
  return { ...state, paused: true };
}

export function resumed(state: ServiceState): ServiceState {
  return { ...state, paused: false };
}

export function pinned(state: ServiceState, id: string): ServiceState {
  return { ...state, pinned: id };
}

export function unpinned(state: ServiceState): ServiceState {
  const { pinned: _, ...rest } = state;
  return rest;
}

/** The operator says `retry`: contents that went bad, waits and the broken mark are forgotten. */
export function forgiven(state: ServiceState): ServiceState {
  const { broken: _, notBefore: __, seen, ...rest } = state;
  // What was denied counts as never seen, so that the next check finds it again.
  const known = seen?.digest !== undefined && seen.digest === state.current?.digest ? { seen } : {};
  return { ...rest, ...known, denied: [], aborts: 0 };
}

/** What stands at the destination, if it never proved good here: an update that broke left it there. */
export function unproven({ current, good }: ServiceState): Release | undefined {
  return current !== undefined && !good.includes(current.id) ? current : undefined;
}

/** An update begins: counts the attempts at its content. */
export function attempting(state: ServiceState, marker: Marker | undefined, digest: string | undefined): ServiceState {
  const { tried } = state;
  const again =
    tried !== undefined && ((digest !== undefined && tried.digest === digest) || sameMarker(tried.marker, marker));
  return { ...state, tried: { ...contentOf(marker, { digest }), times: again ? tried.times + 1 : 1 } };
}

/** The target of this update proved good: from now on it is what runs, whatever happens to the agent. */
export function committed(state: ServiceState, update: UpdateRecord, at: number): ServiceState {
  const { target, previous } = update;
  if (target === undefined) return state;
  const { broken: _, notBefore: __, tried: ___, ...rest } = state;
  const denied = state.denied.filter(({ digest }) => digest !== target.digest);
  const before = previous && !wasDenied(state, previous) ? withGood(state.good, previous.id, "keep-place") : state.good;
  const next = { ...rest, ...seenBy(update), denied, current: target, good: withGood(before, target.id), aborts: 0 };
  return update.leaves && previous && mustStayLeft(state, previous, target) ? leftBehind(next, previous, at) : next;
}

/**
 * Whether what an operator left must be kept from coming back: it is still on offer, or the way led to an older release. A
 * way forward, or one that ends where it began, says nothing against what was left.
 */
function mustStayLeft({ seen, current }: ServiceState, left: Release, target: Release): boolean {
  if (current?.digest === target.digest) return false;
  return seen?.digest === left.digest || target.stagedAt < left.stagedAt;
}

/** After going back by hand: what the service came from is not taken up again by itself, though it is still on offer. */
function leftBehind(state: ServiceState, release: Release, at: number): ServiceState {
  const reason = failure("left-by-operator", { release: release.id }).note;
  return { ...state, denied: deny(state.denied, { ...contentOf(release.marker, release), reason, at }) };
}

/** An update ended: what its outcome means for the next one. `fraction` (0 to 1) spreads the wait. */
export function settled(state: ServiceState, update: UpdateRecord, fraction: number): ServiceState {
  return update.outcome === undefined ? state : settledAs(update.outcome, state, update, fraction);
}

function settledAs(outcome: UpdateOutcome, state: ServiceState, update: UpdateRecord, fraction: number): ServiceState {
  switch (outcome) {
    case "updated":
    case "superseded":
    case "postponed":
      return state;
    case "unchanged":
      return { ...withoutWait(state), ...seenBy(update) };
    case "aborted":
      return blamed(state, update, fraction);
    case "rolled-back":
      return backAt(blamed(state, update, fraction), update.previous);
    case "withdrawn":
      return backAt(blamed(state, update, fraction), undefined);
    case "broken": {
      const reason = update.failure ?? failure("rollback-failed", { service: update.service }).note;
      return { ...blamed(state, update, fraction), broken: reason };
    }
  }
}

/** What went wrong is either the content's fault, which is denied, or the host's, which waits before the next attempt. */
function blamed(state: ServiceState, update: UpdateRecord, fraction: number): ServiceState {
  const { endedAt: at = update.startedAt } = update;
  if (update.blame === "content") return condemnedContent(withoutWait(state), update, at);
  const aborts = state.aborts + 1;
  return { ...state, aborts, notBefore: at + attemptBackoff(aborts, fraction) };
}

function withoutWait(state: ServiceState): ServiceState {
  const { notBefore: _, ...rest } = state;
  return { ...rest, aborts: 0 };
}

function condemnedContent(state: ServiceState, update: UpdateRecord, at: number): ServiceState {
  const reason = update.failure ?? failure("update-failed", { service: update.service }).note;
  const content = contentOf(update.marker ?? update.target?.marker, update.target);
  if (content.digest === undefined && content.marker === undefined) return state;
  const good = state.good.filter((id) => id !== update.target?.id);
  return { ...state, ...seenBy(update), good, denied: deny(state.denied, { ...content, reason, at }) };
}

function backAt(state: ServiceState, release: Release | undefined): ServiceState {
  const { current: _, ...rest } = state;
  return release ? { ...rest, current: release, good: withGood(rest.good, release.id) } : rest;
}

function seenBy({ marker, target }: UpdateRecord): Pick<ServiceState, "seen"> {
  if (marker === undefined) return {};
  return { seen: target ? { marker, digest: target.digest } : { marker } };
}

function contentOf(
  marker: Marker | undefined,
  content: { readonly digest?: string | undefined } | undefined,
): { readonly marker?: Marker; readonly digest?: string } {
  return { ...(marker && { marker }), ...(content?.digest !== undefined && { digest: content.digest }) };
}

function wasDenied(state: ServiceState, release: Release): boolean {
  return state.denied.some(({ digest }) => digest === release.digest);
}

function withGood(good: readonly string[], id: string, place: "last" | "keep-place" = "last"): readonly string[] {
  if (place === "keep-place" && good.includes(id)) return good;
  return [...good.filter((other) => other !== id), id].slice(-goodLimit);
}
