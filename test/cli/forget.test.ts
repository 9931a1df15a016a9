import assert from "node:assert/strict";
import { hostname } from "node:os";
import { after, before, test } from "node:test";
import { setInterval } from "node:timers/promises";
import { recordOf, reportOf, slot, tally } from "../domain/rollout/fleet-as-seen.ts";
import { type Consul, startConsul } from "../servers/consul.ts";
import { type OperatorMachine, operatorMachine } from "./operator-machine.ts";

let consul: Consul;
let machine: OperatorMachine;
before(async () => {
  consul = await startConsul();
  machine = operatorMachine(`lock "consul" {\n  address = "${consul.endpoint}"\n}\n`);
});
after(async () => {
  machine[Symbol.dispose]();
  await consul[Symbol.asyncDispose]();
});

/** Beats come three times in so long. */
const lostAfter = 1_500;
const held = slot({ lostAfter, since: Date.now() - 90_000 });

/** The host beats until it is disposed of. */
function beating(service: string, host: string): AsyncDisposable {
  const stop = new AbortController();
  const beats = (async () => {
    let number = 0;
    for await (const _ of setInterval(200, undefined, { signal: stop.signal })) {
      number += 1;
      await machine.beat(service, host, { attempt: "attempt", number, at: Date.now() });
    }
  })().catch(() => undefined);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await beats;
    },
  };
}

test("a host without a sign of life is forgotten: its slot is free, and its report gone", async () => {
  await machine.fill("web", recordOf({ hosts: 3, ok: tally("web-1"), slots: { "web-3": held } }), [reportOf("web-3")]);

  const { code, out, err } = await machine.dropship("rollout", "forget", "web", "web-3", "--reason", "scaled down");

  const { slots, hosts, said } = await machine.record("web");
  assert.equal(code, 0);
  assert.match(err, /^web-3 holds a slot of web: looking for a sign of life/);
  assert.match(
    out,
    /^web: forgot web-3; its slot \(updating, for 1m \d\ds\) is free\n {2}2 hosts are counted \(were 3\)\.\n/,
  );
  assert.deepEqual([slots, hosts, said?.by, said?.reason], [{}, 2, `ann@${hostname()}`, "scaled down"]);
  assert.equal(
    (await machine.dropship("rollout", "forget", "web", "web-3")).code,
    2,
    "nothing is known of it any more",
  );
});

test("a host that beats is left alone with a word on the danger, unless it is forced", async () => {
  await machine.fill("web", recordOf({ slots: { "web-3": held } }));
  await using _alive = beating("web", "web-3");

  const refused = await machine.dropship("rollout", "forget", "web", "web-3");
  const before = await machine.record("web");
  const forced = await machine.dropship("rollout", "forget", "web", "web-3", "--force");

  assert.equal(refused.code, 75);
  assert.match(
    refused.err,
    /error: Host "web-3" gives signs of life: [^\n]*\n {2}Wait for its outcome\. "dropship rollout forget web web-3 --force"[^\n]* more hosts than the limit at a time\.\n$/,
  );
  assert.deepEqual(Object.keys(before.slots), ["web-3"]);
  assert.equal(forced.code, 0);
  assert.deepEqual((await machine.record("web")).slots, {});
});

test("a host that the others watched until it was lost is not watched again", async () => {
  await machine.fill("web", recordOf({ slots: { "web-3": { ...held, state: "lost" } } }));
  await machine.beat("web", "web-3", { attempt: "attempt", number: 9, at: Date.now() - 60_000 });

  const { code, err } = await machine.dropship("rollout", "forget", "web", "web-3");

  assert.deepEqual([code, err], [0, ""]);
});

test("a host that has the release and holds nothing is nothing to do", async () => {
  await machine.fill("web", recordOf({ ok: tally("web-1") }));

  const { code, out } = await machine.dropship("rollout", "forget", "web", "web-1");

  assert.deepEqual([code, out], [0, "web: web-1 holds no slot and is not waited for, nothing to do\n"]);
});

test("the short form forgets a host in every rollout that knows it, and says for each what it did", async () => {
  await machine.fill("web", recordOf({ slots: { "web-3": { ...held, state: "broken" } } }));
  await machine.fill("database", recordOf({ hosts: 5 }), [reportOf("web-3")]);
  await machine.fill("pause", recordOf(), [reportOf("other-1")]);

  const { code, out } = await machine.dropship("forget", "web-3");
  const nowhere = await machine.dropship("forget", "web-3");

  assert.equal(code, 0);
  assert.match(out, /^web: forgot web-3; its slot \(broken, for [^)]*\) is free\n/);
  assert.match(out, /\ndatabase: forgot web-3; it held no slot\n {2}4 hosts are counted \(were 5\)\.\n/);
  assert.match(out, /\npause: does not know web-3, nothing to do\n$/);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.err, /^error: No rollout knows a host "web-3" \(asked: web, database, pause\)\.\n/);
});

test("one rollout in which it is alive does not keep the others from forgetting it", async () => {
  await machine.fill("web", recordOf({ slots: { "web-3": held } }));
  await machine.fill("database", recordOf({ slots: { "web-3": { ...held, state: "broken" } } }));
  await machine.fill("pause", undefined);
  await using _alive = beating("web", "web-3");

  const { code, out } = await machine.dropship("forget", "web-3", "--json");

  const { rollouts } = JSON.parse(out);
  assert.equal(code, 75);
  assert.deepEqual(
    rollouts.map(({ outcome }: { outcome: string }) => outcome),
    ["failed", "forgotten", "unknown"],
  );
  assert.equal(rollouts[0].failure.code, "rollout-host-alive");
});

test("only one service is asked when it is named", async () => {
  await machine.fill("web", recordOf({ slots: { "web-3": { ...held, state: "broken" } } }));
  await machine.fill("database", recordOf({ slots: { "web-3": { ...held, state: "broken" } } }));

  const { out } = await machine.dropship("forget", "web-3", "--service", "database");

  assert.match(out, /^database: forgot web-3;/);
  assert.deepEqual(Object.keys((await machine.record("web")).slots), ["web-3"]);
  assert.match((await machine.dropship("forget", "web-3", "--service", "lonely")).err, /not coordinated/);
});
