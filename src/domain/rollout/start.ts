import type { RolloutEvent } from "./events.ts";
import type { RolloutRecord, RolloutRelease } from "./record.ts";
import { replacedKept } from "./record.ts";
import {
  acknowledged,
  advanced,
  type Change,
  isDenied,
  isOpen,
  namesAll,
  nobody,
  runningPhase,
  slotOf,
  tallied,
  withoutHalt,
} from "./standing.ts";

type Start = Extract<RolloutEvent, { type: "start" }>;
type Present = Extract<RolloutEvent, { type: "present" }>;

/** A release goes on offer, if it is a newer upload and nobody is in the middle of the one before. */
export function start(record: RolloutRecord | undefined, event: Start): Change {
  const { release, plan, hosts } = event;
  if (record === undefined) return opened({ ...blank, release, plan, hosts });
  if (record.release?.digest === release.digest) return "settled";
  if (isDenied(record, release.digest)) return "denied";
  if (isOutdated(record, event)) return "outdated";
  if (Object.values(record.slots).some(isOpen)) return "slots-open";
  const waits = record.phase === "paused" || record.halt?.paused === true;
  const replaced = replacedBy(record, release);
  // Lost and broken slots stay taken: only their holder or an operator ends them. That they were lost is no harm of this release.
  const kept = withoutHalt(acknowledged(record));
  const begun = opened({ ...kept, release, plan, hosts, ok: nobody, reverted: nobody, aborted: [], replaced });
  return waits ? { ...begun, phase: "paused" } : begun;
}

/** A host runs the release though it never took a slot for it: it had the content already. */
export function present(record: RolloutRecord, { host, digest }: Present): Change {
  if (record.release?.digest !== digest) return "other-release";
  if (slotOf(record, host)?.digest === digest) return "settled";
  // Where not all are named, nobody can say whether this one was counted.
  if (!namesAll(record.ok) || record.ok.hosts.includes(host)) return "settled";
  return advanced({ ...record, ok: tallied(record.ok, host) });
}

/** A record before its first release. */
export const blank: RolloutRecord = {
  schema: 1,
  seq: 0,
  writer: { host: "", operation: "", event: "" },
  phase: "canary",
  plan: { limit: 1, canary: 1, failureBudget: 0, abortBudget: 1, onHalt: "hold" },
  hosts: 1,
  slots: {},
  ok: nobody,
  reverted: nobody,
  failed: [],
  aborted: [],
  denied: [],
  replaced: [],
  retries: 0,
};

function opened(record: RolloutRecord): RolloutRecord {
  return { ...record, phase: runningPhase(record) };
}

/**
 * Where both uploads are dated, an older one is never started again; of two of one date, none that was replaced. Only where one
 * follows the other: who follows another channel now is not held up by the numbers of the one before, and who replaced a
 * signing key not by those that it was misused for.
 */
function isOutdated(record: RolloutRecord, { release, trusts }: Start): boolean {
  if (!isSameLine(record, release)) return false;
  const key = record.release?.signedBy;
  if (key !== undefined && trusts?.(key) === false) return false;
  const before = record.release?.order;
  if (before === undefined || release.order === undefined || release.order > before) return false;
  return release.order < before || record.replaced.includes(release.digest);
}

function isSameLine({ release: before }: RolloutRecord, release: RolloutRelease): boolean {
  return before?.line === release.line;
}

function replacedBy(record: RolloutRecord, release: RolloutRelease): readonly string[] {
  const { release: before, replaced } = record;
  if (!isSameLine(record, release)) return [];
  if (before?.order === undefined || before.order !== release.order) return [];
  return [...replaced, before.digest].slice(-replacedKept);
}
