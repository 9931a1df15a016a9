import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../agent/fixture.ts";
import { ours, type TestKey, theirs } from "../domain/publishing/fixture.ts";
import { beside } from "../drivers/stores/beside.ts";
import { createPublisher, folderShelf, type Publisher } from "../publish/follow/publisher.ts";
import { assertLimit, type Fleet, type FleetStore, now, patience, startFleet } from "./fleet.ts";
import type { FleetHost } from "./fleet-host.ts";

const rollout = "limit = 1";

interface ChannelStore extends FleetStore {
  readonly publisher: Publisher;
  /** What the configurations say from now on. */
  settings: { channel: string; trusted: readonly TestKey[] };
}

function channelStore(): ChannelStore {
  const folder = mkdtempSync(join(tmpdir(), "dropship-channels-"));
  const path = join(folder, "web");
  const store: ChannelStore = {
    publisher: createPublisher(folderShelf(path), { key: ours }),
    settings: { channel: "stable", trusted: [ours] },
    main: () => `trust { keys = [${store.settings.trusted.map((key) => `"${key.publicKey.text}"`).join(", ")}] }`,
    get artifact() {
      return `artifact "file" {\n    path = "${path}"\n    channel = "${store.settings.channel}"`;
    },
    publish: () => Promise.reject(new Error("the tests publish by themselves")),
    store: beside(path),
    strikes: {},
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }),
  };
  return store;
}

const push = (store: ChannelStore, version: string) => store.publisher.push(version, { version, healthy: "" });

async function turnTo(host: FleetHost | undefined, store: ChannelStore, channel: string): Promise<void> {
  store.settings = { ...store.settings, channel };
  host?.configure({ main: store.main(0), artifact: store.artifact, rollout });
  await host?.agent?.operations.reload();
}

async function runs(fleet: Fleet, versions: readonly string[]): Promise<void> {
  const all = () => fleet.hosts.every((host, at) => host.version() === versions[at] && host.isUp());
  await until(`the hosts run ${versions.join(", ")}`, all, patience);
}

test("a fleet that turns to another channel is not held up by the numbers of the one before, and comes back as well", async () => {
  await using store = channelStore();
  for (const version of ["1", "2", "3"]) await push(store, version);
  for (const version of ["2", "1", "2"]) await store.publisher.promote(version, "stable");
  await store.publisher.promote("3", "beta");
  await using fleet = await startFleet(store, 3, rollout);
  await fleet.everywhere("2");
  assert.equal((await fleet.overview()).record?.release?.order, 3);
  const from = now();

  for (const host of fleet.hosts) await turnTo(host, store, "beta");
  await fleet.everywhere("3");
  assert.equal((await fleet.overview()).record?.release?.order, 1);
  for (const host of fleet.hosts) await turnTo(host, store, "stable");
  await fleet.everywhere("2");
  assertLimit(fleet, from, 1);
});

test("hosts of one group that follow two channels all come to what they follow, never two at a time", async () => {
  await using store = channelStore();
  for (const version of ["1", "2", "3"]) await push(store, version);
  await store.publisher.promote("1", "stable");
  await store.publisher.promote("1", "beta");
  await using fleet = await startFleet(store, 3, rollout);
  await fleet.everywhere("1");
  await turnTo(fleet.hosts[2], store, "beta");
  const from = now();

  await Promise.all([store.publisher.promote("2", "stable"), store.publisher.promote("3", "beta")]);
  await runs(fleet, ["2", "2", "3"]);
  assertLimit(fleet, from, 1);
});

test("a fleet whose signing key was stolen goes on with a new one, whatever numbers were used up", async () => {
  await using store = channelStore();
  for (const version of ["1", "2"]) await push(store, version);
  const honest = await store.publisher.promote("1", "stable");
  await using fleet = await startFleet(store, 3, rollout);
  await fleet.everywhere("1");
  const stolen = { ...honest, sequence: 900_000, release: store.publisher.release("2").release };
  await store.publisher.place("channels/stable", stolen);
  await fleet.everywhere("2");

  await store.publisher.place("channels/stable", { ...honest, sequence: 2 }, theirs);
  store.settings = { ...store.settings, trusted: [theirs] };
  await fleet.configure(rollout);
  await fleet.everywhere("1");
  assert.deepEqual((await fleet.overview()).record?.release?.signedBy, theirs.publicKey.number);
});
