import {
  bytesOf,
  digest,
  documentIn,
  field,
  isTrue,
  Misfit,
  maybe,
  milliseconds,
  type Part,
  requireForm,
  text,
  whole,
  word,
} from "../document.ts";
import { failure } from "../failures/failure.ts";
import type { HostReport } from "./report.ts";
import type { Waiting, WaitingReason } from "./waiting.ts";

/** More bytes than this are refused; a report that is written is cut to it. */
const reportLimit = 8 * 1024;

/** The longest text in a report: names and versions are shorter, sentences are cut. */
const longestText = 400;

/** A report as bytes: JSON with its fields in order, long texts cut. */
export function encodeReport(report: HostReport): Uint8Array {
  const { waiting, last, running } = report;
  return bytesOf({
    ...report,
    ...(running && { running: { ...running, ...(running.version && { version: short(running.version) }) } }),
    ...(waiting && {
      waiting: {
        ...waiting,
        sentence: short(waiting.sentence),
        ...(waiting.remedy && { remedy: short(waiting.remedy) }),
      },
    }),
    ...(last && { last: { ...last, ...(last.reason && { reason: short(last.reason) }) } }),
  });
}

/** The report in these bytes. Throws "report-unreadable" for anything that is not as `report.ts` says; what it adds is left out. */
export function decodeReport(bytes: Uint8Array, place = "the store"): HostReport {
  try {
    return reportIn(documentIn(bytes, reportLimit));
  } catch (thrown) {
    if (!(thrown instanceof Misfit)) throw thrown;
    throw failure("report-unreadable", { place, problem: thrown.message }, thrown);
  }
}

function reportIn(part: Part): HostReport {
  requireForm(field(part, "format"), 1);
  return {
    format: 1,
    host: text(field(part, "host")),
    service: text(field(part, "service")),
    at: milliseconds(field(part, "at")),
    every: whole(field(part, "every")),
    agent: text(field(part, "agent")),
    ...maybe(part, "running", runningIn),
    ...maybe(part, "unproven", isTrue),
    ...maybe(part, "wanted", digest),
    state: text(field(part, "state")),
    ...maybe(part, "waiting", waitingIn),
    ...maybe(part, "last", lastIn),
    ...maybe(part, "usual", milliseconds),
    floor: whole(field(part, "floor")),
  };
}

function runningIn(part: Part): NonNullable<HostReport["running"]> {
  return { id: text(field(part, "id")), digest: digest(field(part, "digest")), ...maybe(part, "version", text) };
}

const reasons: readonly WaitingReason[] = [
  "slots-taken",
  "canary",
  "halted",
  "paused",
  "denied",
  "outdated",
  "slots-open",
  "not-mine",
  "window",
  "store",
  "record-vanished",
];

function waitingIn(part: Part): Waiting {
  return {
    why: word(field(part, "why"), reasons),
    sentence: text(field(part, "sentence")),
    ...maybe(part, "remedy", text),
  };
}

function lastIn(part: Part): NonNullable<HostReport["last"]> {
  return {
    attempt: text(field(part, "attempt")),
    outcome: text(field(part, "outcome")),
    endedAt: milliseconds(field(part, "endedAt")),
    ...maybe(part, "held", milliseconds),
    ...maybe(part, "downtime", milliseconds),
    ...maybe(part, "reason", text),
  };
}

function short(value: string): string {
  const characters = [...value];
  return characters.length <= longestText ? value : `${characters.slice(0, longestText - 1).join("")}…`;
}
