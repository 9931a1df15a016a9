import type { Milliseconds } from "../duration.ts";
import type { RolloutRecord } from "./record.ts";

/**
 * In which order hosts ask, so that a large fleet does not ask all at once: another order for each release, and the same on
 * every host. It only paces: a host that asks out of turn gets a slot if one is free. Pure: `fraction` is a random number from
 * 0 (included) to 1 (not included).
 */

/** A waiting host asks at least this often, however far its turn is. */
export const slowestPace: Milliseconds = 60_000;
/** Nothing is handed on while a rollout is halted or paused. */
const stillPace: Milliseconds = 30_000;
/** A host that is far from its turn asks for a slot all the same after so long, and then again: those before it may be off. */
const leastPatience: Milliseconds = 60_000;
const longestPatience: Milliseconds = 10 * 60_000;

/** The place of a host among all, from 0 (included) to 1 (not included). */
function rankOf(host: string, digest: string): number {
  return mixed(`${digest}\n${host}`) / 2 ** 32;
}

/** Hosts in the order of their turns. */
export function inTurn(hosts: readonly string[], digest: string): readonly string[] {
  const ranked = hosts.map((host) => ({ host, rank: rankOf(host, digest) }));
  ranked.sort((one, other) => one.rank - other.rank || (one.host < other.host ? -1 : 1));
  return ranked.map(({ host }) => host);
}

/** By how many hosts the turn of this one is off; 0: it is near, and the host asks whenever something changed. */
export function hostsBefore(record: RolloutRecord, host: string): number {
  const { ok, failed, plan, hosts, release } = record;
  if (release === undefined) return 0;
  const ended = ok.count + failed.filter((one) => one.digest === release.digest).length;
  return Math.max(0, rankOf(host, release.digest) * hosts - (ended + 2 * plan.limit + 2));
}

/** How long a waiting host pauses before it asks the store again; `pace` is the store's own. */
export function pollDelay(record: RolloutRecord, host: string, pace: Milliseconds, fraction: number): Milliseconds {
  if (record.phase === "halted" || record.phase === "paused") return jittered(Math.max(pace, stillPace), fraction);
  const slower = pace * (1 + distanceOf(record, host));
  return jittered(Math.min(slower, Math.max(pace, slowestPace)), fraction);
}

/** How long a host whose turn is far waits before it asks for a slot all the same; 0: its turn is near. */
export function patienceOf(record: RolloutRecord, host: string, fraction: number): Milliseconds {
  const distance = distanceOf(record, host);
  if (distance === 0) return 0;
  return jittered(Math.min(leastPatience * (1 + distance), longestPatience), fraction);
}

/** How far a turn is, in hosts that ask at the same time. */
function distanceOf(record: RolloutRecord, host: string): number {
  return hostsBefore(record, host) / (2 * record.plan.limit + 2);
}

/** Give or take a quarter. */
function jittered(delay: Milliseconds, fraction: number): Milliseconds {
  return Math.round(delay * (0.75 + 0.5 * fraction));
}

/** FNV-1a over the UTF-16 units, then the finisher of MurmurHash3, which spreads names that differ in one digit. */
function mixed(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    const unit = text.charCodeAt(place);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
