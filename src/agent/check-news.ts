import { formatDuration } from "../domain/duration.ts";
import type { Failure } from "../domain/failures/failure.ts";
import { news, type Spoken } from "../domain/schedule.ts";
import type { Clock, Logger } from "../platform/ports.ts";
import type { Move } from "./managed-service.ts";

/** Says what checks find once for each change, so that a service that fails every ten seconds fills no log. */
export interface CheckNews {
  failed(met: Failure): void;
  answered(move: Move): void;
  /** What stands at the destination that is not ours; undefined when nothing of that kind does. */
  foreign(what: "file" | "folder" | "link" | undefined): void;
}

export function checkNews(logger: Logger, clock: Clock): CheckNews {
  let spoken: Spoken | undefined;
  let held: string | undefined;
  const failed = (met: Failure) => {
    const saying = news(spoken, { code: met.code, sentence: met.message }, clock.monotonic());
    if (saying.say === "recovered") return;
    spoken = saying.spoken;
    if (saying.say === "nothing") return;
    const event = saying.say === "failed" ? "the check failed" : "the check still fails";
    const { code, message: problem, remedy, cause } = met;
    // Where the catalogue has no word for it, the trace is what helps.
    const trace = code === "unexpected" && cause instanceof Error ? cause.stack : undefined;
    logger.log(trace ? "error" : "warn", event, { code, problem, remedy, failures: saying.spoken.count, trace });
  };
  const recovered = () => {
    const saying = news(spoken, undefined, clock.monotonic());
    spoken = undefined;
    if (saying.say !== "recovered") return;
    logger.log("info", "the check works again", {
      failures: saying.failures,
      after: formatDuration(Math.round(saying.after / 1000) * 1000),
    });
  };
  let stranger: string | undefined;
  return {
    failed,
    foreign(what) {
      if (what !== undefined && what !== stranger) {
        logger.log("warn", "what stands at the destination was not put there by Dropship", {
          what,
          remedy: "The next update keeps it as a release and takes its place; move it away if that is not wanted.",
        });
      }
      stranger = what;
    },
    answered(move) {
      recovered();
      const now = move.move === "hold" ? `${move.why} ${JSON.stringify(move.marker)}` : undefined;
      if (now !== held && move.move === "hold") {
        const { why, reason } = move;
        logger.log("info", "a changed artifact is not taken", { why, code: reason?.code, reason: reason?.sentence });
      }
      held = now;
    },
  };
}
