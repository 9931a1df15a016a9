import { failure } from "../../src/domain/failures/failure.ts";
import type { RolloutEvent } from "../../src/domain/rollout/events.ts";
import type { RolloutPlan, RolloutRecord } from "../../src/domain/rollout/record.ts";
import { next } from "../../src/domain/rollout/rules.ts";
import type { Coordinator, SlotReport } from "../../src/rollout/coordinator.ts";
import { type Agent, never } from "./mortal-agent.ts";
import type { World } from "./world.ts";

/** The record of a world's fleet, and how its store behaves. Changes to it happen at once and one after the other. */
export interface Fleet {
  record: RolloutRecord | undefined;
  readonly plan: RolloutPlan;
  /** Nothing is answered. */
  down: boolean;
  /** How long each answer to a fence takes. */
  fenceTakes: number;
  /** Calls that wait for an answer which never comes are given up after so long. */
  readonly patience: number;
  /** Every outcome that the record was changed or asked by, in order. */
  readonly finished: SlotReport[];
  /** Attempts that beat now. */
  readonly beating: Set<string>;
  readonly beaten: Set<string>;
}

export const self = "host1";

export function fleetOf(plan: Partial<RolloutPlan> = {}): Fleet {
  return {
    record: undefined,
    plan: { limit: 1, canary: 1, failureBudget: 0, abortBudget: 1, onHalt: "hold", ...plan },
    down: false,
    fenceTakes: 0,
    patience: 60_000,
    finished: [],
    beating: new Set(),
    beaten: new Set(),
  };
}

let operations = 0;

/** Somebody changes the record; throws where the rules refuse. */
export function happens(fleet: Fleet, event: RolloutEvent, host = "another"): void {
  const refused = tries(fleet, event, host);
  if (refused !== undefined) throw new Error(`${event.type}: ${refused}`);
}

function tries(fleet: Fleet, event: RolloutEvent, host: string): string | undefined {
  operations += 1;
  const verdict = next(fleet.record, event, { host, operation: `operation ${operations}`, at: 0 });
  if (verdict.verdict === "write") fleet.record = verdict.record;
  return verdict.verdict === "refused" ? verdict.why : undefined;
}

/** A simulated coordinator: the real rules over a record in memory, with a point to die at before and after each write. */
export function coordinatorOf(world: World, agent: Agent, fleet: Fleet): Coordinator {
  const { clock } = world;
  const sleep = (duration: number, signal: AbortSignal) => (agent.dead ? never() : clock.sleep(duration, signal));
  const change = async (name: string, event: RolloutEvent): Promise<string | undefined> => {
    const refused = await agent.call(name, () => tries(fleet, event, self));
    return refused as string | undefined;
  };
  const seq = () => fleet.record?.seq ?? 0;
  return {
    host: self,
    place: "memory",
    safety: "strict",
    seen: () => undefined,
    ready: async () => {},
    async acquire(request, signal, onWaiting) {
      const { digest, attempt, purpose, ownEnded } = request;
      const release = { digest, artifact: request.artifact };
      const start: RolloutEvent = { type: "start", release, plan: fleet.plan, hosts: 2 };
      const acquire: RolloutEvent = { type: "acquire", host: self, attempt, digest, purpose, lostAfter: 1, ownEnded };
      for (;;) {
        signal.throwIfAborted();
        const begins = !fleet.down && purpose === "update" && fleet.record?.release?.digest !== digest;
        const unready = begins ? await change("start", start) : undefined;
        const refused = fleet.down ? "store" : (unready ?? (await change("acquire", acquire)));
        if (refused === undefined) return { seq: seq() };
        onWaiting({ why: refused as "store", sentence: `It waits: ${refused}.` });
        await sleep(5000, signal);
      }
    },
    async fence({ attempt, digest }, signal) {
      const reason = fleet.down ? "no answer." : await change("fence", { type: "fence", host: self, attempt, digest });
      await sleep(fleet.down ? 30_000 : fleet.fenceTakes, signal);
      if (reason === undefined) return { outcome: "fenced", seq: seq() };
      return { outcome: "refused", failure: failure("fence-refused", { service: "web", reason }).note };
    },
    async finish(report, signal) {
      if (fleet.down) {
        await sleep(fleet.patience, signal);
        return { outcome: "later", problem: failure("outcome-owed", { service: "web", place: "memory" }) };
      }
      await agent.call("finish", () => {
        fleet.finished.push(report);
        return tries(fleet, { type: "finish", host: self, ...report }, self);
      });
      return { outcome: "reported", seq: seq() };
    },
    beat(attempt) {
      fleet.beating.add(attempt);
      fleet.beaten.add(attempt);
      return { [Symbol.dispose]: () => void fleet.beating.delete(attempt) };
    },
    look: async () => fleet.record,
    report: async () => {},
    close() {},
  };
}
