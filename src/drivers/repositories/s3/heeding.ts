import { isUncertain } from "../../stores/exchange.ts";
import type { WriteCondition } from "../objects.ts";
import { conditionFor } from "./conditional-put.ts";
import { askForObject, type Objects } from "./object-requests.ts";

/** The kinds of conditions; some stores know one and not the other. */
type Kind = "create" | "change";

/** Whether a store heeds the conditions of writes. Some take them and pass over them, so that no answer of theirs shows it. */
export interface Heeding {
  /** False once a write was seen that should have been refused. */
  readonly heeded: boolean;
  /** After the first write of its kind: the same bytes once more, on a condition that cannot hold. */
  observe(key: string, body: Uint8Array, condition: WriteCondition, signal: AbortSignal): Promise<void>;
}

/** The version of nothing. */
const impossible = `"${"0".repeat(32)}"`;
const answerLimit = 64 * 1024;

export function heedingOf(objects: Objects): Heeding {
  const heeds = new Map<Kind, boolean>();
  return {
    get heeded() {
      return ![...heeds.values()].includes(false);
    },
    async observe(key, body, condition, signal) {
      if (condition === "always") return;
      const kind: Kind = condition.ifVersion === undefined ? "create" : "change";
      if (heeds.has(kind)) return;
      const headers = {
        ...conditionFor(kind === "create" ? undefined : impossible),
        "content-type": "text/plain; charset=utf-8",
      };
      const doing = "refuse a write on a condition that does not hold";
      const request = { doing, method: "PUT", key, headers, body, limit: answerLimit } as const;
      const { answer } = await askForObject(objects, request, signal);
      // Without an answer it is looked at again after the next write.
      if (answer === undefined || isUncertain(answer.status)) return;
      heeds.set(kind, answer.status !== 200);
      if (answer.status === 200) warn(objects);
    },
  };
}

function warn({ place, ports }: Objects): void {
  ports.logger.log("warn", `${place} passes over the conditions of writes: publish there from one place at a time`);
}
