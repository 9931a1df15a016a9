import type { LogFields, Logger } from "../platform/ports.ts";
import type { Screen } from "./screen.ts";

/** What an agent in this process has to say: its warnings become remarks; the rest the command shows by itself. */
export function remarkLogger(screen: Screen, own: LogFields = {}): Logger {
  return {
    log(level, event, fields) {
      if (level !== "warn" && level !== "error") return;
      const { service, problem } = { ...own, ...fields };
      const behind = problem === undefined ? "" : `: ${problem}`;
      screen.remark(`${service === undefined ? "" : `${service}: `}${event}${behind}`);
    },
    with: (fields) => remarkLogger(screen, { ...own, ...fields }),
  };
}
