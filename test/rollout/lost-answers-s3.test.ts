import assert from "node:assert/strict";
import { after, test } from "node:test";
import { systemClock } from "../../src/platform/clock.ts";
import { systemRandom } from "../../src/platform/random.ts";
import type { Coordinator } from "../../src/rollout/coordinator.ts";
import { createCoordinator } from "../../src/rollout/create-coordinator.ts";
import { administer, besideObject } from "../drivers/stores/buckets.ts";
import { soon } from "../drivers/stores/opened.ts";
import { startCeph } from "../servers/ceph.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../servers/fault-proxy.ts";
import { declared, good, request } from "./hosts.ts";

const ceph = await startCeph({ version: "20" });
after(() => ceph.stop());
await administer(ceph.endpoint, ceph, "PUT", "/bucket");

const silent = { log() {}, with: () => silent };
let services = 0;

/** A host that meets the others in a real bucket, by way of `endpoint`. */
function hostAt(endpoint: string, service: string, host: string): Coordinator {
  const store = besideObject(endpoint, ceph);
  const parts = { store, service, host, declaration: declared };
  return createCoordinator({ ...parts, floor: () => 0, clock: systemClock, random: systemRandom, logger: silent });
}

/** Each change of the record meets the fault at its first try. */
function eachFirst(proxy: FaultProxy, fault: Fault): { met: number } {
  const counted = { met: 0 };
  let odd = false;
  proxy.use(({ method, path }) => {
    if (method !== "PUT" || !path.endsWith("/record")) return undefined;
    odd = !odd;
    if (!odd) return undefined;
    counted.met += 1;
    return fault;
  });
  return counted;
}

for (const fault of [
  { kind: "lost" },
  { kind: "twice" },
  { kind: "reset" },
  { kind: "status", status: 503 },
] as const) {
  const name = "status" in fault ? `refused with ${fault.status}` : fault.kind;
  test(`in a bucket whose answers are ${name} each change of a rollout is made once`, async () => {
    await using proxy = await startFaultProxy(ceph.endpoint);
    services += 1;
    const service = `web${services}`;
    const host = hostAt(proxy.endpoint, service, "web-1");
    const other = hostAt(ceph.endpoint, service, "web-2");
    const counted = eachFirst(proxy, fault);
    const held = { attempt: "one", digest: good };

    await host.acquire(request("one"), soon(), () => {});
    const fenced = await host.fence(held, soon());
    const between = await other.look(soon());
    const finished = await host.finish({ ...held, outcome: "ok", reason: "", retract: false }, soon());

    const record = await other.look(soon());
    assert.equal(fenced.outcome, "fenced");
    assert.equal(between?.slots["web-1"]?.state, "switching");
    assert.equal(finished.outcome, "reported");
    // Begun, slot taken, fenced, given back: not one write more.
    assert.equal(record?.seq, 4);
    assert.deepEqual([record?.slots, record?.ok.count], [{}, 1]);
    assert.ok(counted.met >= 2, `${counted.met}`);
    for (const one of [host, other]) one.close();
  });
}
