import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../agent/fixture.ts";
import { assertLimit, now, startFleet } from "./fleet.ts";
import { redisFleetStore } from "./fleet-stores.ts";
import { fleetSoak } from "./soak.ts";
import { assertTallies } from "./tallies.ts";

fleetSoak("one Redis server", redisFleetStore);

test("when Redis has lost everything nobody goes on until an operator says retry, and services run on", async () => {
  await using store = await redisFleetStore(3);
  await using fleet = await startFleet(store, 3, "limit = 1");
  await fleet.everywhere(await fleet.publish("good"));
  const from = now();
  for (const host of fleet.hosts) host.close("stopped");
  const version = await fleet.publish("good");
  const holder = await until("a service is down", () => fleet.hosts.find((host) => host.waitsAt("stopped")));
  const others = fleet.hosts.filter((host) => host !== holder);

  await store.server.restart("redis0");
  for (const host of fleet.hosts) host.open("stopped");
  await until("it is up again, without the last word for its switch", () => holder.isUp());
  await until("the others wait for the record that is gone", async () => {
    const services = await Promise.all(others.map(({ agent }) => agent?.operations.status("web")));
    return services.every((statuses) => statuses?.[0]?.waiting?.why === "record-vanished");
  });
  const touched = fleet.touched(version);
  await fleet.operator.rollout(["retry", "web"]);
  await fleet.everywhere(version);

  assert.deepEqual(touched, []);
  assertLimit(fleet, from, 1);
  await assertTallies(fleet);
});
