import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "../../../src/drivers/stores/store.ts";
import { systemRandom } from "../../../src/platform/random.ts";
import { probeStore, requireFit } from "../../../src/rollout/capability.ts";
import { spaceOf } from "../../../src/rollout/keys.ts";
import { startCeph } from "../../servers/ceph.ts";
import { startSwift } from "../../servers/swift.ts";
import { openStore } from "../repositories/swift-store.ts";
import { administer, besideObject, type Keys } from "./buckets.ts";
import { failed, soon } from "./opened.ts";

/** The checks that a store fails; it must be refused by the first of them. */
async function missedBy(store: Store): Promise<readonly string[]> {
  const results = await probeStore(store, spaceOf("web", "default"), systemRandom, soon());
  const missed = results.filter(({ passed }) => !passed).map(({ check }) => check);
  const refused = await failed((async () => requireFit(store.place, results))(), "rollout-store-unfit");
  assert.match(refused.message, new RegExp(`failed the check "${missed[0]}"`));
  assert.deepEqual(await store.list("web/", soon()), []);
  return missed;
}

async function makeVersioned(endpoint: string, keys: Keys): Promise<Store> {
  const setting = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  await administer(endpoint, keys, "PUT", "/versioned");
  await administer(endpoint, keys, "PUT", "/versioned", { versioning: "" }, setting);
  return besideObject(endpoint, keys, { bucket: "versioned" });
}

test("Ceph 16, which wants another form of version, is refused by the check that it fails", async () => {
  await using ceph = await startCeph({ version: "16" });
  await administer(ceph.endpoint, ceph, "PUT", "/bucket");

  const plain = await missedBy(besideObject(ceph.endpoint, ceph));
  const versioned = await missedBy(await makeVersioned(ceph.endpoint, ceph));

  // Whatever a refused swap cuts short has not passed.
  assert.deepEqual(plain, [
    "a swap at the present version",
    "a new version with each write",
    "no swap at an old version",
    "one winner of 32 swaps at once",
    "a read sees the last write",
  ]);
  assert.equal(versioned[0], "no create over a present value");
});

/** Writes that the machine happens to bring there one after the other prove nothing: they are tried again. */
const mostTries = 10;

test("a bucket of Ceph 20 that keeps versions lets all win who write at once, and is refused for it", async () => {
  await using ceph = await startCeph({ version: "20" });
  const store = await makeVersioned(ceph.endpoint, ceph);

  const racy = ["one winner of 32 creates at once", "one winner of 32 swaps at once"];
  const missed = new Set<string>();
  for (let tries = 0; missed.size === 0 && tries < mostTries; tries += 1) {
    for (const { check, passed } of await probeStore(store, spaceOf("web", "default"), systemRandom, soon())) {
      if (!passed) missed.add(check);
    }
  }

  assert.ok(missed.size > 0, "nobody won who should not have");
  assert.deepEqual(
    [...missed].filter((check) => !racy.includes(check)),
    [],
  );
});

test("Swift's S3 interface, which has no conditions, is refused at the first check", async () => {
  await using swift = await startSwift();
  await openStore(swift, "bucket");

  const missed = await missedBy(besideObject(swift.endpoint, { accessKey: swift.user, secretKey: swift.key }));

  assert.equal(missed[0], "create when absent");
});
