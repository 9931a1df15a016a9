import type { Clock, Logger } from "../platform/ports.ts";
import type { UpdateEvent } from "./ports.ts";
import type { EvidenceLine } from "./record.ts";
import type { StateName } from "./states.ts";

/** Of one line; what is longer loses its beginning. */
const textLimit = 8 * 1024;
/** Of each state: the noise of one state never pushes out what another one saw. */
const linesPerState = 40;
const bytesPerState = 16 * 1024;

/** Collects what is observed until the machine takes it into the record. */
export interface Evidence {
  add(state: StateName, source: string, outcome: string, text: string): void;
  /** What was added since the last time. */
  take(): readonly EvidenceLine[];
}

export interface EvidencePorts {
  readonly service: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notify: (event: UpdateEvent) => void;
}

export function evidenceFor({ service, clock, logger, notify }: EvidencePorts): Evidence {
  let waiting: readonly EvidenceLine[] = [];
  return {
    add(state, source, outcome, text) {
      const line: EvidenceLine = { at: clock.wall(), state, source, outcome, text: lastPart(text, textLimit) };
      waiting = boundedEvidence([...waiting, line]);
      logger.log("debug", "observed", { service, state, source, outcome, text: lastPart(text, 512) });
      notify({ type: "evidence", service, line });
    },
    take() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
  };
}

/** The last lines of each state, within a bound of lines and of bytes for each; their order is kept. */
export function boundedEvidence(lines: readonly EvidenceLine[]): readonly EvidenceLine[] {
  const used = new Map<StateName, { lines: number; bytes: number }>();
  const kept = lines.toReversed().filter((line) => {
    const of = used.get(line.state) ?? { lines: 0, bytes: 0 };
    of.lines += 1;
    of.bytes += line.text.length + line.source.length + line.outcome.length;
    used.set(line.state, of);
    return of.lines === 1 || (of.lines <= linesPerState && of.bytes <= bytesPerState);
  });
  return kept.length === lines.length ? lines : kept.toReversed();
}

function lastPart(text: string, limit: number): string {
  return text.length <= limit ? text : `…${text.slice(text.length - limit)}`;
}
