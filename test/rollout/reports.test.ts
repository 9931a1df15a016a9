import assert from "node:assert/strict";
import { test } from "node:test";
import { failure } from "../../src/domain/failures/failure.ts";
import type { Store } from "../../src/drivers/stores/store.ts";
import { createCoordinator } from "../../src/rollout/create-coordinator.ts";
import { readReports } from "../../src/rollout/reports.ts";
import { declared, good, never, request, space, update, world } from "./hosts.ts";

/** The same store, which asks for patience at every so-manieth read. */
function busy(store: Store, every: number): Store {
  let reads = 0;
  return {
    ...store,
    read(key, signal) {
      reads += 1;
      if (reads % every === 0) throw failure("rollout-store-busy", { place: store.place, answer: "status 503" });
      return store.read(key, signal);
    },
  };
}

async function fleetOf(hosts: number) {
  const fleet = world();
  for (let number = 0; number < hosts; number += 1) {
    const host = `web-${number}`;
    const report = { format: 1, host, service: "web", at: fleet.clock.wall(), every: 300_000 } as const;
    await fleet.clock.run(fleet.host(host).report({ ...report, agent: "1", state: "idle", floor: 0 }, never));
  }
  return fleet;
}

test("a large fleet begins its rollout though every third answer of the store is a refusal", async () => {
  const fleet = await fleetOf(60);
  const { clock, random } = fleet;
  const store = busy(fleet.store, 3);
  const logger = { log() {}, with: () => logger };
  const parts = { store, service: "web", host: "web-0", floor: () => 0, clock, random, logger };
  const host = createCoordinator({ ...parts, declaration: { ...declared, limit: { percent: 100 } } });

  await clock.run(
    host.acquire(request("one"), never, () => {}),
    () => clock.monotonic() > 120_000,
  );

  assert.equal(fleet.record().hosts, 60);
});

test("who only looks is told of a refusal at once", async () => {
  const fleet = await fleetOf(3);

  const reading = fleet.clock.run(readReports(busy(fleet.store, 3), space, never));

  await assert.rejects(reading, /asks for patience/);
});

for (const { runs, counts } of [
  { runs: "that it took without a slot", counts: true },
  { runs: "that did not prove good there", counts: false },
]) {
  test(`a host with the release ${runs} ${counts ? "counts" : "does not count"} as one that has it`, async () => {
    const fleet = await fleetOf(3);
    await fleet.clock.run(update(fleet, fleet.host("web-0")));
    const host = fleet.host("web-1");
    await fleet.clock.run(host.look(never));
    const report = { format: 1, host: "web-1", service: "web", at: fleet.clock.wall(), every: 300_000 } as const;
    const running = { running: { id: "good", digest: good }, ...(!counts && { unproven: true as const }) };

    await fleet.clock.run(host.report({ ...report, ...running, agent: "1", state: "idle", floor: 0 }, never));

    assert.deepEqual(fleet.record().ok.hosts, counts ? ["web-0", "web-1"] : ["web-0"]);
  });
}
