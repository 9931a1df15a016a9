import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentPorts } from "../../src/agent/agent-ports.ts";
import type { ManagedService, ServiceContext } from "../../src/agent/managed-service.ts";
import type { Attempt } from "../../src/agent/operations.ts";
import { startLoop } from "../../src/agent/service-loop.ts";
import type { Logger } from "../../src/platform/ports.ts";
import type { ServicePorts } from "../../src/update/ports.ts";
import { blankState } from "../../src/update/service-state.ts";
import { simulatedClock } from "../update/simulated-clock.ts";

const hour = 3_600_000;

/** A loop over a service that only counts: `outcomes` are those of its updates, one after the other. */
function loopOver(outcomes: readonly Attempt["outcome"][], standing: () => Promise<{ readonly kind: "nothing" }>) {
  const clock = simulatedClock();
  const stop = new AbortController();
  const logged: string[] = [];
  const logger: Logger = { log: (_level, event) => void logged.push(event), with: () => logger };
  const looked: number[] = [];
  const place = { service: "web", destination: "/srv/web", releases: "/srv/.dropship/web", layout: "symlink" };
  const service = {
    name: "web",
    declaration: () => ({ checkInterval: hour }),
    parts: () => ({ releases: { place, standing } }) as unknown as ServicePorts,
    state: () => blankState("web"),
    fleet: { duties: () => undefined, keepOn() {} },
    waitLeft: () => 0,
    takeTurn: async () => ({ [Symbol.dispose]() {} }),
    failedCheck: (thrown: unknown) => thrown,
    async look() {
      looked.push(clock.monotonic());
      return { marker: {}, move: { move: "update", marker: {} } };
    },
    async perform() {
      const outcome = outcomes[looked.length - 1] ?? "updated";
      return { id: "1", service: "web", startedAt: 0, endedAt: 0, outcome, intent: "update", attempt: 1 };
    },
  } as unknown as ManagedService;
  const ports = { clock, logger, random: { fraction: () => 0.5, name: () => "1" } } as unknown as AgentPorts;
  const loop = startLoop(service, { ports, stop: stop.signal } as unknown as ServiceContext);
  return {
    looked,
    logged,
    /** Lets time pass, then stops the loop. */
    async after(duration: number) {
      clock.at(clock.monotonic() + duration, () => stop.abort());
      await clock.run(loop.ended);
    },
  };
}

const nothing = async () => ({ kind: "nothing" }) as const;

test("an upload that another one replaced while it was taken is followed by that one at once", async () => {
  const { looked, after } = loopOver(["superseded", "updated"], nothing);

  await after(hour);

  assert.equal(looked.length, 2);
  assert.equal(looked[0], looked[1]);
});

test("an upload that changes all the time is not run after without end", async () => {
  const { looked, after } = loopOver(new Array(100).fill("superseded"), nothing);

  await after(hour);

  assert.equal(looked.length, 3);
});

test("a disk that never answers is said, and does not hold the loop", async () => {
  const { looked, logged, after } = loopOver([], () => new Promise(() => {}));

  await after(10 * hour);

  assert.deepEqual(looked, []);
  assert.ok(logged.includes("the check failed"));
  assert.ok(logged.includes("the check still fails"), "it goes on trying");
});
