import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../agent/fixture.ts";
import { assertLimit, type Fleet, now, startFleet } from "./fleet.ts";
import type { FleetHost, Gate } from "./fleet-host.ts";
import { oneConsulFleetStore } from "./fleet-stores.ts";
import { assertTallies } from "./tallies.ts";

const gates: readonly Gate[] = ["stopped", "switched"];

for (const gate of gates) {
  const where = gate === "stopped" ? "before the switch" : "after the switch";
  test(`an agent that is killed ${where} takes up its slot again and ends its update`, async () => {
    await using store = await oneConsulFleetStore();
    await using fleet = await startFleet(store, 3, "limit = 1");
    await fleet.everywhere(await fleet.publish("good"));
    const from = now();
    for (const host of fleet.hosts) host.close(gate);
    const version = await fleet.publish("good");
    const host = await firstAt(fleet, gate);
    const held = await slotOf(fleet, host);

    await host.agent?.end("SIGKILL");
    await host.start();
    await until("the agent is at work on it again", async () => (await statusOf(host))?.state.startsWith("running-"));
    const adopted = await slotOf(fleet, host);
    for (const other of fleet.hosts) other.open(gate);
    await fleet.everywhere(version);

    assert.equal(adopted?.attempt, held?.attempt);
    const [last] = (await host.agent?.operations.history("web", 1)) ?? [];
    assert.deepEqual([last?.id, last?.outcome], [held?.attempt, "updated"]);
    assertLimit(fleet, from, 1);
    await assertTallies(fleet);
  });
}

test("of two machines with one name the second gets no slot while the first holds it, and says why", async () => {
  await using store = await oneConsulFleetStore();
  await using fleet = await startFleet(store, 1, "limit = 2");
  const [first] = fleet.hosts;
  const second = fleet.join("web-1", "web-1-clone");
  assert.ok(first);
  await fleet.everywhere(await fleet.publish("good"));
  await second.start();
  await until("the second runs it, too", () => second.isUp());
  for (const host of [first, second]) host.close("stopped");
  const version = await fleet.publish("good");
  const holder = await until("one holds the slot", () => [first, second].find((host) => host.waitsAt("stopped")));
  const other = holder === first ? second : first;

  const waiting = await until("the other says why it waits", async () => {
    const said = (await statusOf(other))?.waiting;
    return said?.why === "not-mine" && said;
  });
  const held = await slotOf(fleet, holder);
  const untouched = other.isUp();
  for (const host of [first, second]) host.open("stopped");
  await until("one after the other runs it", () => [first, second].every((host) => host.version() === version));

  assert.ok(untouched);
  assert.equal(
    waiting.sentence,
    `Another update holds a slot as "web-1", and this host knows nothing of it (attempt ${held?.attempt}).`,
  );
  assert.match(waiting.remedy ?? "", /give each its own/);
});

test("a host that was off when the rollout was halted refuses the content when it is back", async () => {
  await using store = await oneConsulFleetStore();
  await using fleet = await startFleet(store, 3, "limit = 1");
  await fleet.everywhere(await fleet.publish("good"));
  const away = fleet.hosts[2];
  assert.ok(away);
  await away.agent?.end("SIGTERM");
  const bad = await fleet.publish("refuses");
  await halted(fleet);

  await away.start();
  const waiting = await until("it says why it waits", async () => (await statusOf(away))?.waiting);
  const told = await fleet.operator.rollout(["web"], 8);

  assert.equal(waiting.why, "denied");
  assert.match(told, /^web: halted /);
  assert.equal(fleet.touched(bad).length, 1);
  assert.ok(!fleet.touched(bad).includes(away));
  await fleet.everywhere(await fleet.publish("good"));
});

test('with onHalt = "revert" the hosts that have the halted release walk back under the limit', async () => {
  await using store = await oneConsulFleetStore();
  await using fleet = await startFleet(store, 6, 'limit = 2\nonHalt = "revert"');
  const good = await fleet.publish("good");
  await fleet.everywhere(good);
  const from = now();

  const spoilt = await fleet.publish({ spoils: 3 });
  await halted(fleet);
  await until("all run the one before", () => fleet.hosts.every((host) => host.version() === good && host.isUp()));
  const touched = fleet.touched(spoilt);
  const record = await until("all have reported", async () => {
    const { record: seen } = await fleet.overview();
    return seen?.ok.count === 0 && Object.keys(seen.slots).length === 0 && seen;
  });

  const went = touched.map(({ name }) => name).toSorted();
  const back = [...record.reverted.hosts, ...record.failed.map(({ host }) => host)].toSorted();
  assert.deepEqual([...new Set(back)], went);
  assert.ok(record.reverted.count >= 3 && record.reverted.count < 6, JSON.stringify(record));
  assert.equal(record.phase, "halted");
  assertLimit(fleet, from, 2);
  await fleet.everywhere(await fleet.publish("good"));
  assertLimit(fleet, from, 2);
});

test("a rollout that an operator halts takes no host past the fence, and goes on when it is resumed", async () => {
  await using store = await oneConsulFleetStore();
  await using fleet = await startFleet(store, 3, "limit = 1");
  await fleet.everywhere(await fleet.publish("good"));
  for (const host of fleet.hosts) host.close("stopped");
  const version = await fleet.publish("good");
  const first = await firstAt(fleet, "stopped");

  await fleet.operator.rollout(["halt", "web", "--reason", "the wrong build"]);
  for (const host of fleet.hosts) host.open("stopped");
  await until("the first runs what it ran before", () => first.isUp());
  await until("all slots are free", async () => (await openSlots(fleet)).length === 0);
  const touched = fleet.touched(version);
  await fleet.operator.rollout(["resume", "web"]);
  await fleet.everywhere(version);

  assert.deepEqual(touched, []);
  await assertTallies(fleet);
});

test("a rollout that an operator pauses takes no host down, and another limit counts from then on", async () => {
  await using store = await oneConsulFleetStore();
  await using fleet = await startFleet(store, 4, "limit = 1\ncanary = 0");
  await fleet.everywhere(await fleet.publish("good"));
  for (const host of fleet.hosts) host.close("switched");
  const version = await fleet.publish("good");
  await firstAt(fleet, "switched");

  await fleet.operator.rollout(["pause", "web"]);
  await fleet.operator.rollout(["limit", "web", "3"]);
  const paused = await until("a host says that it is paused", async () => {
    const reasons = await Promise.all(fleet.hosts.map(async (host) => (await statusOf(host))?.waiting?.why));
    return reasons.includes("paused") && fleet.hosts.filter((host) => !host.isUp()).length;
  });
  await fleet.operator.rollout(["resume", "web"]);
  await until("three are down", () => fleet.hosts.filter((host) => host.waitsAt("switched")).length === 3);
  const from = now();
  for (const host of fleet.hosts) host.open("switched");
  await fleet.everywhere(version);

  assert.equal(paused, 1);
  assert.equal(fleet.outages(from).most, 3);
});

test("a host that is lost before its switch halts the rollout, and when it was forgotten it asks again", async () => {
  await using store = await oneConsulFleetStore();
  await using fleet = await startFleet(store, 3, 'limit = 1\nlostAfter = "2s"');
  await fleet.everywhere(await fleet.publish("good"));
  for (const host of fleet.hosts) host.close("stopped");
  const version = await fleet.publish("good");
  const gone = await firstAt(fleet, "stopped");
  await gone.agent?.end("SIGKILL");
  const others = fleet.hosts.filter((host) => host !== gone);
  const halt = await until("the rollout is halted", async () => (await fleet.overview()).record?.halt);
  for (const host of others) host.open("stopped");

  await fleet.operator.rollout(["forget", "web", gone.name]);
  await fleet.operator.rollout(["resume", "web"]);
  await until("the others go on", () => others.every((host) => host.version() === version && host.isUp()));
  gone.open("stopped");
  await gone.start();
  await fleet.everywhere(version);

  assert.equal(halt.why, "lost");
  await assertTallies(fleet);
});

test("services whose hosts take no turns are seen to be down at once", async () => {
  await using store = await oneConsulFleetStore();
  await using fleet = await startFleet(store, 4, undefined);
  await fleet.everywhere(await fleet.publish("good"));
  const from = now();
  for (const host of fleet.hosts) host.close("stopped");
  const version = await fleet.publish("good");

  await until("all are down", () => fleet.hosts.every((host) => host.waitsAt("stopped")));
  for (const host of fleet.hosts) host.open("stopped");
  await fleet.everywhere(version);

  assert.equal(fleet.outages(from).most, 4);
  assert.throws(() => assertLimit(fleet, from, 3), /at most 3 services were down at a time, not 4/);
});

async function statusOf(host: FleetHost) {
  return (await host.agent?.operations.status("web"))?.[0];
}

function firstAt(fleet: Fleet, gate: Gate): Promise<FleetHost> {
  return until(`a host waits where it has ${gate}`, () => fleet.hosts.find((host) => host.waitsAt(gate)));
}

async function slotOf(fleet: Fleet, { name }: FleetHost) {
  return (await fleet.overview()).record?.slots[name];
}

async function openSlots(fleet: Fleet): Promise<readonly string[]> {
  return Object.keys((await fleet.overview()).record?.slots ?? {});
}

function halted(fleet: Fleet): Promise<unknown> {
  return until("the rollout is halted", async () => (await fleet.overview()).record?.phase === "halted");
}
