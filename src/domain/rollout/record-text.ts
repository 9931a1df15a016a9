import {
  bytesOf,
  digest,
  documentIn,
  field,
  fieldsOf,
  flag,
  hostNames,
  isTrue,
  list,
  Misfit,
  maybe,
  milliseconds,
  misfit,
  type Part,
  requireForm,
  text,
  whole,
  word,
} from "../document.ts";
import { failure } from "../failures/failure.ts";
import {
  type DeniedDigest,
  type FailedAttempt,
  type Halt,
  keptFree,
  largestLimit,
  type OperatorNote,
  type RolloutPlan,
  type RolloutRecord,
  type RolloutRelease,
  recordLimit,
  type Slot,
  type Tally,
} from "./record.ts";

/**
 * The record as bytes: JSON with its fields in order. Throws "record-full" where even the cut form has more than
 * `recordLimit` bytes, or, for one slot more, so many that nothing else would find room. It is read back before it is given out: what other hosts could not read is never written.
 */
export function encodeRecord(record: RolloutRecord, place = "the store"): Uint8Array {
  const allowed = record.writer.event === "acquire" ? recordLimit - keptFree : recordLimit;
  let bytes = bytesOf(record);
  let fitting = record;
  for (const cut of cuts) {
    while (bytes.length > allowed) {
      const less = cut(fitting);
      if (less === fitting) break;
      fitting = less;
      bytes = bytesOf(fitting);
    }
  }
  if (bytes.length > allowed) throw failure("record-full", { place, bytes: bytes.length, allowed });
  decodeRecord(bytes, place);
  return bytes;
}

/**
 * The record in these bytes. Throws "record-unreadable" for anything that is not wholly as `record.ts` says. Fields that this
 * version does not know stay in it, in the record and inside its slots, and are written again: a newer version that only added
 * a field loses nothing. What must not be overlooked by an older version raises `schema`.
 */
export function decodeRecord(bytes: Uint8Array, place = "the store"): RolloutRecord {
  try {
    return recordIn(documentIn(bytes, recordLimit));
  } catch (thrown) {
    if (!(thrown instanceof Misfit)) throw thrown;
    throw failure("record-unreadable", { place, problem: thrown.message }, thrown);
  }
}

function recordIn(part: Part): RolloutRecord {
  requireForm(field(part, "schema"), 1);
  const record: RolloutRecord = {
    ...fieldsOf(part),
    schema: 1,
    seq: whole(field(part, "seq"), 1),
    writer: writerIn(field(part, "writer")),
    ...maybe(part, "release", releaseIn),
    phase: word(field(part, "phase"), ["canary", "rolling", "complete", "halted", "paused"]),
    plan: planIn(field(part, "plan")),
    hosts: whole(field(part, "hosts"), 1),
    slots: slotsIn(field(part, "slots")),
    ok: tallyIn(field(part, "ok")),
    reverted: tallyIn(field(part, "reverted")),
    failed: list(field(part, "failed"), failedIn),
    aborted: hostNames(field(part, "aborted")),
    denied: list(field(part, "denied"), deniedIn),
    replaced: list(field(part, "replaced"), digest),
    ...maybe(part, "halt", haltIn),
    retries: whole(field(part, "retries")),
    ...maybe(part, "said", saidIn),
  };
  if ((record.phase === "halted") === (record.halt !== undefined)) return record;
  throw misfit(field(part, "phase"), record.halt ? '"halted", though the record says why' : "explained by its halt");
}

function writerIn(part: Part): RolloutRecord["writer"] {
  return {
    ...fieldsOf(part),
    host: text(field(part, "host")),
    operation: text(field(part, "operation")),
    event: text(field(part, "event")),
  };
}

function releaseIn(part: Part): RolloutRelease {
  return {
    ...fieldsOf(part),
    digest: digest(field(part, "digest")),
    ...maybe(part, "order", milliseconds),
    ...maybe(part, "line", text),
    ...maybe(part, "signedBy", text),
    ...maybe(part, "version", text),
    artifact: text(field(part, "artifact")),
    ...maybe(part, "since", milliseconds),
  };
}

function planIn(part: Part): RolloutPlan {
  return {
    ...fieldsOf(part),
    limit: whole(field(part, "limit"), 1, largestLimit),
    canary: whole(field(part, "canary")),
    failureBudget: whole(field(part, "failureBudget")),
    abortBudget: whole(field(part, "abortBudget")),
    onHalt: word(field(part, "onHalt"), ["hold", "revert"]),
  };
}

function slotsIn(part: Part): Readonly<Record<string, Slot>> {
  const hosts = Object.keys(fieldsOf(part));
  // Not by assignment: a host may be called "__proto__".
  return Object.fromEntries(hosts.map((host) => [host, slotIn(field(part, host))]));
}

function slotIn(part: Part): Slot {
  return {
    ...fieldsOf(part),
    attempt: text(field(part, "attempt")),
    digest: digest(field(part, "digest")),
    purpose: word(field(part, "purpose"), ["update", "revert"]),
    state: word(field(part, "state"), ["updating", "switching", "lost", "broken"]),
    fenced: flag(field(part, "fenced")),
    lostAfter: whole(field(part, "lostAfter")),
    since: milliseconds(field(part, "since")),
    ...maybe(part, "broken", text),
    ...maybe(part, "acknowledged", isTrue),
  };
}

function tallyIn(part: Part): Tally {
  const hosts = hostNames(field(part, "hosts"));
  return { ...fieldsOf(part), count: whole(field(part, "count"), hosts.length), hosts };
}

function failedIn(part: Part): FailedAttempt {
  return {
    ...fieldsOf(part),
    host: text(field(part, "host")),
    attempt: text(field(part, "attempt")),
    digest: digest(field(part, "digest")),
    reason: text(field(part, "reason")),
    ...maybe(part, "acknowledged", isTrue),
  };
}

function deniedIn(part: Part): DeniedDigest {
  return { ...fieldsOf(part), digest: digest(field(part, "digest")), reason: text(field(part, "reason")) };
}

function haltIn(part: Part): Halt {
  return {
    ...fieldsOf(part),
    why: word(field(part, "why"), ["failures", "lost", "broken", "aborts", "operator"]),
    reason: text(field(part, "reason")),
    at: milliseconds(field(part, "at")),
    ...maybe(part, "paused", isTrue),
  };
}

function saidIn(part: Part): OperatorNote {
  return {
    ...fieldsOf(part),
    event: text(field(part, "event")),
    by: text(field(part, "by")),
    at: milliseconds(field(part, "at")),
    ...maybe(part, "reason", text),
  };
}

/**
 * What may be cut from a record that is too long, in this order, each as often as it helps: nothing that a rule needs. Names in
 * a tally make a host count once; where they were cut, only the count says how many there are.
 */
const cuts: readonly ((record: RolloutRecord) => RolloutRecord)[] = [
  (record) => (record.reverted.hosts.length === 0 ? record : { ...record, reverted: halved(record.reverted) }),
  (record) => (record.ok.hosts.length === 0 ? record : { ...record, ok: halved(record.ok) }),
  shorterReasons,
  withoutOldFailure,
];

function halved({ count, hosts }: Tally): Tally {
  return { count, hosts: hosts.slice(0, Math.floor(hosts.length / 2)) };
}

const shortReason = 40;

function shorterReasons(record: RolloutRecord): RolloutRecord {
  const isLong = ({ reason }: { readonly reason: string }): boolean => [...reason].length > shortReason;
  if (!record.failed.some(isLong) && !record.denied.some(isLong)) return record;
  const shorter = <Item extends { readonly reason: string }>(item: Item): Item => ({
    ...item,
    reason: [...item.reason].slice(0, shortReason).join(""),
  });
  return { ...record, failed: record.failed.map(shorter), denied: record.denied.map(shorter) };
}

/** Failures that count no longer are kept only to know a late report of them. */
function withoutOldFailure(record: RolloutRecord): RolloutRecord {
  const oldest = record.failed.findIndex((one) => one.acknowledged === true);
  return oldest === -1 ? record : { ...record, failed: record.failed.toSpliced(oldest, 1) };
}
