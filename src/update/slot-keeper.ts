import type { Milliseconds } from "../domain/duration.ts";
import type { ServicePorts, SlotKeeper } from "./ports.ts";
import type { UpdateRecord } from "./record.ts";
import { targetOf } from "./steps/verifying.ts";

/** An agent may be stopped at any instruction: an answer that was asked for longer ago proves nothing. */
const goodFor: Milliseconds = 5_000;

/** Keeps what must not outlive the process: the beats, and when the fence was asked for. */
export function slotKeeper({ coordinator, clock }: Pick<ServicePorts, "coordinator" | "clock">): SlotKeeper {
  let beats: Disposable | undefined;
  let askedAt: Milliseconds | undefined;
  const coordinates = ({ slot }: UpdateRecord) => slot !== undefined && coordinator !== undefined;
  const rest = () => {
    beats?.[Symbol.dispose]();
    beats = undefined;
  };
  return {
    beat(update) {
      if (coordinates(update)) beats ??= coordinator?.beat(update.id);
    },
    rest,
    async fence(update, signal) {
      if (!coordinates(update)) return undefined;
      const asked = clock.monotonic();
      const answer = await coordinator?.fence({ attempt: update.id, digest: targetOf(update).digest }, signal);
      askedAt = answer?.outcome === "fenced" ? asked : undefined;
      return answer;
    },
    // The moment of the question counts, not that of the answer, which may have lain there while the process was stopped.
    isFresh: (update) => !coordinates(update) || (askedAt !== undefined && clock.monotonic() - askedAt <= goodFor),
    [Symbol.dispose]: rest,
  };
}
