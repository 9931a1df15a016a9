import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { RolloutRecord } from "../../src/domain/rollout/record.ts";
import { until } from "../agent/fixture.ts";
import { assertLimit, type Fleet, type FleetStore, now, startFleet } from "./fleet.ts";
import { type Faults, storm } from "./storm.ts";
import { assertTallies } from "./tallies.ts";

/** DROPSHIP_TEST_SOAK_SECONDS makes the storm longer, DROPSHIP_TEST_SOAK_SEED repeats its order of faults. */
const seconds = Number(process.env["DROPSHIP_TEST_SOAK_SECONDS"] ?? 15);
const seed = Number(process.env["DROPSHIP_TEST_SOAK_SEED"] ?? Date.now() % 1_000_000);
const size = 10;
/** No canary, and budgets that no storm uses up: what is shown there is the limit, not the halt. */
const lenient = 'limit = 3\ncanary = 0\nfailureBudget = 10000\nabortBudget = 10000\nlostAfter = "3s"';

/** Ten real agents, each a process with its own state folder, on one real store. */
export function fleetSoak(label: string, start: (hosts: number) => Promise<FleetStore>): void {
  describe(`ten agents on ${label}`, () => {
    let store: FleetStore;
    let fleet: Fleet;
    before(async () => {
      store = await start(size);
      fleet = await startFleet(store, size, "limit = 1");
      await fleet.everywhere(await fleet.publish("good"));
    });
    after(async () => {
      await fleet?.[Symbol.asyncDispose]();
      await store?.[Symbol.asyncDispose]();
    });

    it("update one at a time", async (context) => {
      const from = now();
      await fleet.everywhere(await fleet.publish("good"));

      assertLimit(fleet, from, 1);
      await assertTallies(fleet);
      context.diagnostic(told(fleet, from));
    });

    it("stop a bad release at the first host, which goes back to the good one", async () => {
      const good = fleet.hosts[0]?.version();
      const from = now();
      const bad = await fleet.publish("sick");
      await until("the rollout is halted, and nobody is in it", async () => {
        const { record } = await fleet.overview();
        return record?.phase === "halted" && (await openSlots(fleet)) === 0;
      });
      await until("hosts say why they wait", async () => (await waiting(fleet)) > 0);

      const touched = fleet.touched(bad);
      assert.equal(touched.length, 1, `one host took the bad release, not ${touched.map(({ name }) => name)}`);
      assert.deepEqual(
        fleet.hosts.map((host) => host.version()),
        fleet.hosts.map(() => good),
      );
      assert.ok(fleet.hosts.every((host) => host.isUp()));
      assertLimit(fleet, from, 1);
    });

    it("go no further than who has passed the fence when an operator halts the rollout", async () => {
      await fleet.configure(lenient);
      const version = await fleet.publish("good", 1.5);
      await until("the rollout is under way", () => fleet.touched(version).length > 0);

      const { after: record } = await halt(fleet);
      await until("nobody is in it", async () => (await openSlots(fleet)) === 0);
      const touched = fleet.touched(version).map(({ name }) => name);
      await fleet.operator.rollout(["resume", "web"]);
      await fleet.everywhere(version);

      const may = [...record.ok.hosts, ...Object.keys(record.slots).filter((host) => record.slots[host]?.fenced)];
      assert.deepEqual(
        touched.filter((host) => !may.includes(host)),
        [],
      );
      assert.ok(touched.length < size, "it was halted in time");
    });

    it("keep the limit of three in a storm, and end on the last release", async (context) => {
      context.diagnostic(`seed ${seed}`);
      const from = now();
      const { faults, published } = await storm(fleet, store, seed, seconds);
      await fleet.everywhere(await fleet.publish("good"));

      assertLimit(fleet, from, 3);
      await assertTallies(fleet);
      const way = store.lines?.kind ?? "no lines";
      context.diagnostic(`${size} hosts (${way}), ${published} releases in ${seconds} s; ${told(fleet, from)}`);
      context.diagnostic(`faults, and how many amid an update: ${faultsTold(faults)}`);
    });
  });
}

async function halt({ operator }: Fleet): Promise<{ readonly after: RolloutRecord }> {
  return JSON.parse(await operator.rollout(["halt", "web", "--reason", "the wrong build", "--json"]));
}

async function openSlots(fleet: Fleet): Promise<number> {
  return Object.keys((await fleet.overview()).record?.slots ?? {}).length;
}

/** How many hosts wait because the rollout is halted, or its release refused. */
async function waiting({ hosts }: Fleet): Promise<number> {
  const reasons = await Promise.all(
    hosts.map(async ({ agent }) => (await agent?.operations.status("web"))?.[0]?.waiting?.why),
  );
  return reasons.filter((why) => why === "halted" || why === "denied").length;
}

function told(fleet: Fleet, from: number): string {
  const { most, count, total } = fleet.outages(from);
  const mean = (total / Math.max(1, count)).toFixed(2);
  return `${fleet.updates(from)} updates, ${count} outages of ${mean} s on average, at most ${most} at a time`;
}

function faultsTold(faults: Faults): string {
  return Object.entries(faults)
    .map(([name, { count, amid }]) => `${name} ${count} (${amid})`)
    .join(", ");
}
