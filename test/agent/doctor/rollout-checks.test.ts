import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { systemPorts } from "../../../src/agent/agent-ports.ts";
import type { Verdict } from "../../../src/agent/doctor/finding.ts";
import { type RolloutPatient, rolloutChecks } from "../../../src/agent/doctor/rollout-checks.ts";
import { storeOf } from "../../../src/agent/store-of.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import type { Store } from "../../../src/drivers/stores/store.ts";
import type { Logger } from "../../../src/platform/ports.ts";
import { spaceOf } from "../../../src/rollout/keys.ts";
import { mainFile, memoryPorts } from "../../config/memory-ports.ts";
import { type Consul, startConsul } from "../../servers/consul.ts";

const quiet: Logger = { log: () => undefined, with: () => quiet };
const ports = systemPorts(quiet);
const signal = AbortSignal.timeout(60_000);
const space = spaceOf("web", "default");

let consul: Consul;
before(async () => {
  consul = await startConsul({ acl: true });
});
after(() => consul[Symbol.asyncDispose]());

function patientOf(token: string, given: Partial<RolloutPatient> = {}): RolloutPatient {
  const text = `lock "consul" {\n address = "${consul.endpoint}"\n token = "${token}"\n}\nservice "web" {\n sequentialUpdates = true\n artifact "file" {\n path = "/a"\n destination = "/srv/web"\n }\n}`;
  const { configuration, diagnostics } = loadConfiguration(mainFile, memoryPorts({ [mainFile]: text }));
  const service = configuration?.services[0];
  assert.ok(service?.rollout, JSON.stringify(diagnostics));
  const create = () => storeOf(service, ports);
  return { ...ports, service, rollout: service.rollout, host: "web-1", agentRuns: false, create, ...given };
}

async function verdict(check: string, patient: RolloutPatient): Promise<Verdict> {
  const found = rolloutChecks(patient).find(({ name }) => name === check);
  assert.ok(found, check);
  return await found.run(signal);
}

async function written(key: string, value: unknown): Promise<AsyncDisposable> {
  const store = patientOf(consul.token ?? "").create();
  await store.put(key, new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)), signal);
  return {
    async [Symbol.asyncDispose]() {
      await store.remove(key, signal);
      store.close();
    },
  };
}

test("a real Consul keeps every promise, each told by its name", async () => {
  const { result, parts = [] } = await verdict("rollout store", patientOf(consul.token ?? ""));

  assert.equal(result, "ok");
  assert.ok(parts.length >= 9);
  assert.ok(parts.every(({ passed }) => passed));
});

test("the rights to put, list and remove are there, and nothing is left behind", async () => {
  const patient = patientOf(consul.token ?? "");
  const { result } = await verdict("rollout store: rights", patient);
  const store: Store = patient.create();
  const left = await store.list(space.beats, signal);
  store.close();

  assert.equal(result, "ok");
  assert.deepEqual(left, []);
});

test("a token without rights is told with its remedy, and is not in the words", async () => {
  const token = "00000000-1111-2222-3333-444444444444";
  const { result, sentence, remedy } = await verdict("rollout store: rights", patientOf(token));

  assert.equal(result, "failed");
  assert.doesNotMatch(sentence, new RegExp(token));
  assert.ok(remedy);
});

test("a record that is not there yet is fine; one that nobody can read is not", async () => {
  const patient = patientOf(consul.token ?? "");
  const none = await verdict("rollout record", patient);
  await using _nonsense = await written(space.record, "nonsense");
  const broken = await verdict("rollout record", patient);

  assert.equal(none.result, "ok");
  assert.match(none.sentence, /no rollout of "web" .* yet/);
  assert.equal(broken.result, "failed");
});

test("a record of this version is told with its number and phase", async () => {
  await using _record = await written(space.record, { schema: 1, seq: 7, phase: "rolling" });

  assert.match((await verdict("rollout record", patientOf(consul.token ?? ""))).sentence, /number 7, rolling/);
});

test("another host that reports under this name is seen while no agent runs here", async () => {
  await using _report = await written(`${space.reports}web-1`, {
    format: 1,
    at: ports.clock.wall() - 1000,
    every: 300_000,
  });
  const stranger = await verdict("host name", patientOf(consul.token ?? ""));
  const ours = await verdict("host name", patientOf(consul.token ?? "", { agentRuns: true }));

  assert.equal(stranger.result, "warning");
  assert.match(stranger.sentence, /another host may have this name/);
  assert.equal(ours.result, "ok");
});

test("localhost is no name among others", async () => {
  const { result } = await verdict("host name", patientOf(consul.token ?? "", { host: "localhost.localdomain" }));

  assert.equal(result, "warning");
});
