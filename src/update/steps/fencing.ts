import { asFailure, failure } from "../../domain/failures/failure.ts";
import { stopping } from "../limits.ts";
import { type Learned, type Step, suspended } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import type { UpdateRecord } from "../record.ts";

/** Asks the fleet for its last word before the switch. */
export function fencing(ports: UpdatePorts): Step<"fencing"> {
  return async (update, signal) => {
    const word = await lastWord(ports, update, signal);
    if (word === suspended) return suspended;
    return { outcome: word.may ? "fenced" : "refused", learned: word.learned };
  };
}

/** So often an answer may come too late to be good before the switch is given up: the service is down meanwhile. */
const tries = 3;

/** The same, immediately before the switch: asks again unless the last answer is fresh. */
export async function freshWord(
  ports: UpdatePorts,
  update: UpdateRecord,
  signal: AbortSignal,
): Promise<Word | typeof suspended> {
  let word: Word = { may: true, learned: {} };
  for (let asked = 0; asked < tries; asked += 1) {
    if (ports.slot.isFresh(update)) return word;
    const next = await lastWord(ports, update, signal);
    if (next === suspended || !next.may) return next;
    word = next;
  }
  if (ports.slot.isFresh(update)) return word;
  const reason = "its store takes longer to answer than an answer is good for.";
  const note = failure("fence-refused", { service: update.service, reason }).note;
  return { may: false, learned: { ...word.learned, outcome: "postponed", failure: note } };
}

export interface Word {
  readonly may: boolean;
  readonly learned: Learned;
}

async function lastWord(
  { slot }: UpdatePorts,
  update: UpdateRecord,
  signal: AbortSignal,
): Promise<Word | typeof suspended> {
  try {
    const answer = await slot.fence(update, signal);
    if (answer === undefined) return { may: true, learned: {} };
    if (answer.outcome === "fenced") return { may: true, learned: { floor: answer.seq } };
    if (stopping(signal)) return suspended;
    // Nobody's fault: the service starts again as it was, and the update waits for its turn anew.
    return { may: false, learned: { outcome: "postponed", failure: answer.failure } };
  } catch (thrown) {
    if (stopping(signal)) return suspended;
    const met = asFailure(signal.aborted ? signal.reason : thrown);
    return { may: false, learned: { failure: met.note, blame: "host" } };
  }
}
