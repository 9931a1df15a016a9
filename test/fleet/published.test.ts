import assert from "node:assert/strict";
import { test } from "node:test";
import { createHost, type Host, until } from "../agent/fixture.ts";
import { assertLimit, type Fleet, now, patience, startFleet } from "./fleet.ts";
import { type PublishedStore, publishedBucket, publishedContainer } from "./published-stores.ts";
import { assertTallies } from "./tallies.ts";

/** Longer than a switch takes, so that a host that did not bake can be told from one that did. */
const bake = 3;

for (const [place, open] of [
  ["a bucket of Ceph 20", publishedBucket],
  ["a container of Swift", publishedContainer],
] as const) {
  for (const isSigned of [true, false]) {
    test(`a fleet of three follows a channel in ${place}, ${isSigned ? "signed" : "unsigned"}`, async () => {
      await using store = await open(isSigned);
      await using fleet = await startFleet(store, 3, `limit = 1\n    bake = "${bake}s"`);
      await followsForwards(fleet);
      await haltsWhatIsBad(fleet, store);
      await goesBackAtOnce(fleet, store);
      await runSideBySide(store);
    });
  }
}

/** The versions are 1 and 2. */
async function followsForwards(fleet: Fleet): Promise<void> {
  await fleet.everywhere(await fleet.publish("good"));
  const from = now();
  await fleet.everywhere(await fleet.publish("good"));
  assertLimit(fleet, from, 1);
  await assertTallies(fleet);
  for (const { agent } of fleet.hosts) {
    const [status] = (await agent?.operations.status("web")) ?? [];
    assert.deepEqual([status?.running?.version, status?.wanted?.version], ["2", "2"]);
  }
}

/** Version 3: one host tries it, the others never do; the channel goes back to what they run. */
async function haltsWhatIsBad(fleet: Fleet, store: PublishedStore): Promise<void> {
  const bad = await fleet.publish("refuses");
  await until("the rollout is halted", async () => (await fleet.overview()).record?.phase === "halted", patience);
  await store.promote("2");
  await fleet.everywhere("2");
  assert.equal(fleet.touched(bad).length, 1);
}

/** Version 4, and back to 2: nobody fetches, bakes or waits for a canary, and never two are down. */
async function goesBackAtOnce(fleet: Fleet, store: PublishedStore): Promise<void> {
  await fleet.everywhere(await fleet.publish("good"));
  const from = now();
  await store.promote("2");
  await fleet.everywhere("2");
  assertLimit(fleet, from, 1);
  await assertTallies(fleet);
  const { record } = await fleet.overview();
  assert.equal(record?.release?.line, 'channel "stable" of "web"');
  for (const { agent } of fleet.hosts) {
    const [back, forth] = (await agent?.operations.history("web", 2)) ?? [];
    assert.deepEqual([back?.target?.version, back?.outcome], ["2", "updated"]);
    assert.ok((back?.held ?? 0) < bake * 1000, `it held its slot for ${back?.held} ms`);
    assert.ok((forth?.held ?? 0) >= bake * 1000, `it baked for ${forth?.held} ms`);
  }
}

/** Another host, with two services of one application: the channel, and another major. */
async function runSideBySide(store: PublishedStore): Promise<void> {
  const host = createHost();
  const service = (name: string, what: string) =>
    `service "${name}" {\n  checkInterval = "500ms"\n  ${store.following(what)}\n    destination = "${host.path(`srv/${name}`)}"\n  }\n}\n`;
  try {
    host.configure(service("one", 'channel = "stable"') + service("other", 'version = ">= 3"'), store.main(0));
    const agent = await host.start();
    const both = () => versionOf(host, "one") === "2" && versionOf(host, "other") === "4";
    await until("both run", both, patience);
    await agent.end();
  } finally {
    await host.clean();
  }
}

function versionOf(host: Host, name: string): string | undefined {
  return host.read(`srv/${name}/version`);
}
