import assert from "node:assert/strict";
import { test } from "node:test";
import type { WriteCondition } from "../../../src/drivers/repositories/objects.ts";
import type { Logger } from "../../../src/platform/ports.ts";
import { startCeph } from "../../servers/ceph.ts";
import { startFaultProxy } from "../../servers/fault-proxy.ts";
import { administer } from "../stores/buckets.ts";
import { bytes, soon, storePorts, versionOf } from "../stores/opened.ts";
import { openedBucket } from "./s3-world.ts";

function listening() {
  const warned: string[] = [];
  const logger: Logger = { log: (level, event) => void (level === "warn" && warned.push(event)), with: () => logger };
  return { warned, ports: { ...storePorts(), logger } };
}

test("Ceph 16 with versions, which passes over the condition of a first write, is found out by the first one", async () => {
  await using ceph = await startCeph({ version: "16" });
  await administer(ceph.endpoint, ceph, "PUT", "/bucket");
  const setting = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  await administer(ceph.endpoint, ceph, "PUT", "/bucket", { versioning: "" }, setting);
  const { warned, ports } = listening();
  const web = openedBucket(ceph, "web", ports);

  versionOf(await web.write("channels/stable", bytes("1"), { ifVersion: undefined }, soon()));
  versionOf(await web.write("channels/beta", bytes("1"), { ifVersion: undefined }, soon()));

  assert.equal(web.swaps, false);
  assert.equal(Buffer.from((await web.shown("channels/stable", 10, soon())) ?? []).toString(), "1");
  assert.equal(warned.length, 1);
  assert.match(warned.join(), /^s3:\/\/bucket\/web passes over the conditions of writes/);
});

test("a store that passes over the version that a change asks for is found out by the first change", async () => {
  await using ceph = await startCeph({ version: "20" });
  await administer(ceph.endpoint, ceph, "PUT", "/bucket");
  await using proxy = await startFaultProxy(ceph.endpoint);
  const { warned, ports } = listening();
  const web = openedBucket({ ...ceph, endpoint: proxy.endpoint }, "web", ports);
  const first = versionOf(await web.write("channels/stable", bytes("1"), { ifVersion: undefined }, soon()));
  proxy.use(({ headers }) =>
    /^"0+"$/.test(String(headers["if-match"])) ? { kind: "status", status: 200, headers: { etag: '"1"' } } : undefined,
  );
  assert.equal(web.swaps, true);

  versionOf(await web.write("channels/stable", bytes("2"), { ifVersion: first }, soon()));

  assert.deepEqual([web.swaps, warned.length], [false, 1]);
});

test("Ceph 20 is asked once for each kind of condition, and heeds both", async () => {
  await using ceph = await startCeph({ version: "20" });
  await administer(ceph.endpoint, ceph, "PUT", "/bucket");
  await using proxy = await startFaultProxy(ceph.endpoint);
  const { warned, ports } = listening();
  const web = openedBucket({ ...ceph, endpoint: proxy.endpoint }, "web", ports);
  const write = async (key: string, condition: WriteCondition) =>
    versionOf(await web.write(key, bytes("1"), condition, soon()));

  await write("a", { ifVersion: await write("a", { ifVersion: undefined }) });
  await write("b", { ifVersion: await write("b", { ifVersion: undefined }) });

  assert.deepEqual([web.swaps, warned], [true, []]);
  assert.deepEqual(
    proxy.seen.filter(({ method }) => method === "PUT").map(({ headers }) => headers["if-none-match"] ?? "change"),
    ["*", "*", "change", "change", "*", "change"],
  );
});

test("an answer that was lost on the way says nothing of the store; the next write looks again", async () => {
  await using ceph = await startCeph({ version: "20" });
  await administer(ceph.endpoint, ceph, "PUT", "/bucket");
  await using proxy = await startFaultProxy(ceph.endpoint);
  const web = openedBucket({ ...ceph, endpoint: proxy.endpoint }, "web");
  let puts = 0;
  proxy.use(({ method }) => (method === "PUT" && ++puts === 2 ? { kind: "reset" } : undefined));

  versionOf(await web.write("a", bytes("1"), { ifVersion: undefined }, soon()));
  versionOf(await web.write("b", bytes("1"), { ifVersion: undefined }, soon()));
  versionOf(await web.write("c", bytes("1"), { ifVersion: undefined }, soon()));

  assert.deepEqual([web.swaps, puts], [true, 5]);
});
