import assert from "node:assert/strict";
import { test } from "node:test";
import { fleetDuties } from "../../src/agent/fleet-duties.ts";
import type { Journal } from "../../src/agent/journal/journal.ts";
import { Failure } from "../../src/domain/failures/failure.ts";
import type { SlotReport } from "../../src/rollout/coordinator.ts";
import { operate } from "../../src/rollout/operate.ts";
import type { ServicePorts } from "../../src/update/ports.ts";
import { owing } from "../../src/update/rollout-state.ts";
import { blankState } from "../../src/update/service-state.ts";
import { good, never, space, update, world } from "../rollout/hosts.ts";

const owed: SlotReport = { attempt: "one", digest: good, outcome: "released", reason: "a test", retract: true };

/** A host that owes an outcome, and saw the record before. */
async function debtor() {
  const fleet = world();
  await fleet.clock.run(update(fleet, fleet.host("web-0")));
  const coordinator = fleet.host("web-1");
  await fleet.clock.run(coordinator.look(never));
  let state = owing(blankState("web"), owed);
  const journal = {
    service: () => state,
    unfinished: () => [],
    attempt: () => undefined,
    remember(next: typeof state) {
      state = next;
    },
  } as unknown as Journal;
  const parts = { service: { name: "web" }, clock: fleet.clock, logger: { log() {} } } as unknown as ServicePorts;
  const duties = fleetDuties({ parts, coordinator, journal, onUnknown() {} });
  return { fleet, duties, owes: () => state.rollout?.owed ?? [] };
}

test("a host that owes an outcome to a record that went back says so, and what helps", async () => {
  const { fleet, duties, owes } = await debtor();
  fleet.store.set(space.record, undefined);

  const attended = fleet.clock.run(duties.attend(never));

  await assert.rejects(attended, (thrown) => thrown instanceof Failure && thrown.code === "record-vanished");
  assert.deepEqual(owes(), [owed]);
});

test("it settles what it owes as soon as an operator has begun another record", async () => {
  const { fleet, duties, owes } = await debtor();
  fleet.store.set(space.record, undefined);
  await assert.rejects(fleet.clock.run(duties.attend(never)));

  await fleet.clock.run(operate(fleet.desk, { type: "retry" }, never));
  await fleet.clock.run(duties.attend(never));

  assert.deepEqual(owes(), []);
});

test("a host that owes an outcome to a store that is silent says that it is owed", async () => {
  const { fleet, duties } = await debtor();
  fleet.store.down = true;

  const attended = fleet.clock.run(duties.attend(never));

  await assert.rejects(attended, (thrown) => thrown instanceof Failure && thrown.passing);
});
