import { asFailure, type FailureNote } from "../../domain/failures/failure.ts";
import type { ReleaseStore } from "../../releases/release-store.ts";
import type { Evidence } from "../evidence.ts";
import { type Step, type StepResult, suspended } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import type { UpdateRecord } from "../record.ts";
import { freshWord, type Word } from "./fencing.ts";
import { targetOf } from "./verifying.ts";

/**
 * Puts the new release in the place of the old one: one rename, or nothing. The fleet is asked once more when its last word
 * is no longer fresh (the process was stopped, or this is another one), unless the switch has happened already.
 */
export function switching(ports: UpdatePorts, evidence: Evidence): Step<"switching"> {
  return async (update, signal) => {
    const { id } = targetOf(update);
    const word = await lastWordOn(ports, update, id, signal);
    if (word === suspended || "outcome" in word) return word;
    try {
      await ports.releases.switchTo(id);
      return { outcome: "switched", learned: word.learned };
    } catch (thrown) {
      const learned = { failure: noted(thrown, update, evidence), blame: "host" } as const;
      // The rename may have happened before something else failed (the sync of the folder): look.
      const reached = await stands(ports.releases, id).catch(() => true);
      return { outcome: reached ? "unsettled" : "failed", learned };
    }
  };
}

type Answer = StepResult<"switching"> | typeof suspended | Pick<Word, "learned">;

async function lastWordOn(ports: UpdatePorts, update: UpdateRecord, id: string, signal: AbortSignal): Promise<Answer> {
  if (ports.slot.isFresh(update)) return { learned: {} };
  const stood = await stands(ports.releases, id).catch(() => undefined);
  if (stood) return { learned: {} };
  const word = await freshWord(ports, update, signal);
  if (word === suspended || word.may) return word;
  if (stood === false) return { outcome: "refused", learned: word.learned };
  // The disk does not say whether the switch happened already: if so, it is taken back.
  return { outcome: "unsettled", learned: { ...word.learned, outcome: undefined, blame: "host" } };
}

/** Whether this release stands at the destination. */
async function stands(releases: ReleaseStore, id: string): Promise<boolean> {
  const standing = await releases.standing();
  return (standing.kind === "release" || standing.kind === "copy") && standing.id === id;
}

/** Puts a failure of the disk into the evidence as well, where the order of things is seen. */
export function noted(thrown: unknown, { state }: UpdateRecord, evidence: Evidence): FailureNote {
  const { note } = asFailure(thrown);
  evidence.add(state, "dropship", note.code, note.sentence);
  return note;
}
