import type { RolloutRecord } from "../../src/domain/rollout/record.ts";
import { spaceOf } from "../../src/rollout/keys.ts";
import type { UpdateRecord } from "../../src/update/record.ts";
import type { ServiceState } from "../../src/update/service-state.ts";
import { rebase } from "./books.ts";
import { nonsense } from "./central-store.ts";
import type { Host } from "./host.ts";
import {
  type HostFacts,
  judgeDestination,
  judgeDown,
  judgeHook,
  judgeMemory,
  judgeOwed,
  judgePath,
  judgePrevious,
  judgeSettled,
  judgeSwap,
  judgeSwitch,
} from "./host-invariants.ts";
import { judgeLost } from "./loss-invariants.ts";
import { judgeMended } from "./phase-invariants.ts";
import { judgeWrite } from "./record-invariants.ts";
import type { HookRun } from "./service.ts";
import type { World } from "./world.ts";

/** Sees everything that happens in a world, as it happens, and calls out at the first promise that is broken. */
export interface Observer {
  recordWritten(bytes: Uint8Array | undefined): void;
  /** From now on, writes of the record are those of somebody who takes no part in the rollout; or no longer. */
  tampering(on: boolean): void;
  journaled(host: Host, update: UpdateRecord): void;
  remembered(host: Host, after: ServiceState, before: ServiceState): void;
  hookBegins(host: Host, run: HookRun): void;
  hookWorks(run: HookRun): void;
  diskChanged(host: Host, what: string, path: string): void;
  switches(host: Host, id: string): void;
  /** It sends this to the store. */
  swaps(host: Host, key: string, bytes: Uint8Array): void;
  beginsAnew(host: Host): void;
}

const recordKey = spaceOf("web", "default").record;

export function createObserver(world: World): Observer {
  const { books, plan, depot } = world;
  const violates = (invariant: string, problem: string) => world.violate(invariant, problem);
  const factsOf = (host: Host): HostFacts => ({
    host,
    books,
    plan,
    published: (digest) => depot.published.has(digest),
    violates,
  });
  const named = (name: string) => world.hosts.filter((host) => host.name === name);
  const clockOf = (attempt: string) => {
    const machine = books.attempts.get(attempt)?.machine;
    return world.hosts.find(({ id }) => id === machine)?.clock.monotonic();
  };
  let tampered = false;

  return {
    recordWritten(bytes) {
      const after = bytes === undefined || bytes === nonsense ? undefined : recordIn(bytes);
      // Who operates a fleet from afar proves nothing: no host follows before it has.
      if (plan.store.broken !== undefined && after && named(after.writer.host).length > 0) {
        violates("unfit", `a store that "${plan.store.broken}" was trusted`);
      }
      if (tampered || after === undefined) rebase(books, after);
      else {
        const { writer, seq, phase } = after;
        world.trace.note(writer.host, `record ${seq} ${writer.event}`, phase);
        const before = books.record;
        const write = { before, after, clockOf };
        judgeWrite(books, write, violates);
        judgeMended(write, floorsOf(world), violates);
        judgeLost({ world, before, after }, violates);
        judgeDown({ books, violates });
      }
    },
    tampering(on) {
      tampered = on;
    },
    journaled(host, update) {
      books.attempts.set(update.id, { machine: host.id, update });
      const { state, target, outcome } = update;
      if (state === "committing" && target) books.proven.add(`${host.name} ${target.digest}`);
      if (outcome === "unchanged" && target) books.proven.add(`${host.name} ${target.digest}`);
      judgeSettled(factsOf(host), update);
      judgeOwed(factsOf(host), update);
    },
    remembered(host, after, before) {
      judgeMemory(factsOf(host), after, before);
    },
    hookWorks({ stage, rollback, attempt }) {
      if (stage === "before" && !rollback) books.stopped.add(attempt);
    },
    hookBegins(host, run) {
      judgeHook(factsOf(host), run);
    },
    diskChanged(host, _what, path) {
      const facts = factsOf(host);
      judgePath(facts, path);
      if (path.startsWith("/held:") || path.includes("/.staging-")) return;
      judgeDestination(facts);
      judgePrevious(facts);
    },
    switches(host, id) {
      world.trace.note(host.id, "switches", id);
      judgeSwitch(factsOf(host), id);
    },
    swaps(host, key, bytes) {
      if (key === recordKey) judgeSwap(factsOf(host), recordIn(bytes));
    },
    beginsAnew(host) {
      const { attempt } = books.down.get(host.id) ?? {};
      if (attempt !== undefined) books.excused.set(attempt, "began anew");
      books.down.delete(host.id);
      for (const [id, { machine, update }] of books.attempts) {
        if (machine === host.id && update.state !== "idle") books.excused.set(id, "began anew");
      }
    },
  };
}

function floorsOf({ hosts }: World): readonly number[] {
  return hosts.map(({ journal }) => journal.states.get("web")?.rollout?.floor ?? 0);
}

function recordIn(bytes: Uint8Array): RolloutRecord {
  return JSON.parse(new TextDecoder().decode(bytes));
}
