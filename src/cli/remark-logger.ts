import type { LogFields, Logger } from "../platform/ports.ts";
import type { Screen } from "./screen.ts";

/**
 * What an agent in this process has to say: its warnings become remarks; the rest the command shows by itself, and so the end
 * of an update (which names its attempt) once `isTelling`.
 */
export function remarkLogger(screen: Screen, isTelling: () => boolean = () => false, own: LogFields = {}): Logger {
  return {
    log(level, event, fields) {
      if (level !== "warn" && level !== "error") return;
      const { service, problem, attempt } = { ...own, ...fields };
      if (attempt !== undefined && isTelling()) return;
      const behind = problem === undefined ? "" : `: ${problem}`;
      screen.remark(`${service === undefined ? "" : `${service}: `}${event}${behind}`);
    },
    with: (fields) => remarkLogger(screen, isTelling, { ...own, ...fields }),
  };
}
