import type { Milliseconds } from "../duration.ts";
import type { RolloutRecord, Slot } from "./record.ts";
import { isOpen } from "./standing.ts";

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
/** From so many slots on only a few hosts follow closely: as many as there are slots would be too many for the store. */
const manySlots = 16;
/** So many holders of slots say where the order is. */
const tellingHolders = 8;

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
  const { limit } = record.plan;
  return Math.max(0, placeOf(record, host) - (limit < manySlots ? 2 * limit + 2 : nextOf(limit)));
}

/** How many of those that are near go before this one when a slot is freed; 0 where they are so few that they may race. */
export function nearBefore(record: RolloutRecord, host: string): number {
  const { limit } = record.plan;
  return limit < manySlots ? 0 : Math.min(nextOf(limit), Math.max(0, placeOf(record, host)));
}

/** How far behind the front of the order a host is. */
function placeOf(record: RolloutRecord, host: string): number {
  const { release, hosts, plan } = record;
  if (release === undefined) return 0;
  const front = plan.limit < manySlots ? endedOf(record) : frontOf(record, release.digest);
  return rankOf(host, release.digest) * hosts - front;
}

function endedOf({ ok, failed, release }: RolloutRecord): number {
  return ok.count + failed.filter((one) => one.digest === release?.digest).length;
}

/**
 * With many slots: as many as are done or at it. Places are spread by chance, so that the holders say it better: the one in
 * their middle does, but only within what chance can do.
 */
function frontOf(record: RolloutRecord, digest: string): number {
  const { hosts, slots } = record;
  const count = endedOf(record) + Object.keys(slots).length;
  const holders = Object.keys(slots).filter((host) => isOpen(slots[host] as Slot));
  if (holders.length < tellingHolders) return count;
  const places = holders.map((host) => rankOf(host, digest) * hosts).sort((one, other) => one - other);
  const middle = (places[Math.floor(places.length / 2)] ?? 0) + places.length / 2;
  const chance = 1.5 * Math.sqrt(hosts);
  return Math.min(count + chance, Math.max(count - chance, middle));
}

/** With many slots: so many are ready when one is freed, though by chance some places before them are empty. */
function nextOf(limit: number): number {
  return 6 + Math.sqrt(limit);
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
  const { limit } = record.plan;
  return hostsBefore(record, host) / (limit < manySlots ? 2 * limit + 2 : nextOf(limit));
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
