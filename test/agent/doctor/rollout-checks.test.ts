import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, test } from "node:test";
import { systemPorts } from "../../../src/agent/agent-ports.ts";
import type { Verdict } from "../../../src/agent/doctor/finding.ts";
import { type RolloutPatient, rolloutChecks } from "../../../src/agent/doctor/rollout-checks.ts";
import { storeOf } from "../../../src/agent/store-of.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { encodeRecord } from "../../../src/domain/rollout/record-text.ts";
import { encodeReport } from "../../../src/domain/rollout/report-text.ts";
import type { WindowDeclaration } from "../../../src/domain/service.ts";
import type { Store } from "../../../src/drivers/stores/store.ts";
import type { Logger } from "../../../src/platform/ports.ts";
import { spaceOf } from "../../../src/rollout/keys.ts";
import { mainFile, memoryPorts } from "../../config/memory-ports.ts";
import { recordOf, reportOf } from "../../domain/rollout/fleet-as-seen.ts";
import { administer } from "../../drivers/stores/buckets.ts";
import { type Ceph, startCeph } from "../../servers/ceph.ts";
import { type Consul, startConsul } from "../../servers/consul.ts";

const quiet: Logger = { log: () => undefined, with: () => quiet };
const ports = systemPorts(quiet);
const signal = AbortSignal.timeout(170_000);
const space = spaceOf("web", "default");
const text = new TextEncoder();

let consul: Consul;
let ceph: Ceph;
const folder = mkdtempSync(join(tmpdir(), "dropship-doctor-"));
before(async () => {
  [consul, ceph] = await Promise.all([startConsul({ acl: true }), startCeph({ version: "20" })]);
  await administer(ceph.endpoint, ceph, "PUT", "/releases");
  writeFileSync(join(folder, "web.tar.gz"), "content");
});
after(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([consul[Symbol.asyncDispose](), ceph[Symbol.asyncDispose]()]);
});

function patientOf(main: string, artifact: string, given: Partial<RolloutPatient> = {}): RolloutPatient {
  const service = `service "web" {\n sequentialUpdates = true\n artifact ${artifact}\n destination = "/srv/web"\n }\n}`;
  const { configuration, diagnostics } = loadConfiguration(
    mainFile,
    memoryPorts({ [mainFile]: `${main}\n${service}` }),
  );
  const found = configuration?.services[0];
  assert.ok(found?.rollout, JSON.stringify(diagnostics));
  const create = () => storeOf(found, ports);
  return { ...ports, service: found, rollout: found.rollout, host: "web-1", agentRuns: false, create, ...given };
}

function inConsul(token = consul.token ?? "", given: Partial<RolloutPatient> = {}): RolloutPatient {
  const lock = `lock "consul" {\n address = "${consul.endpoint}"\n token = "${token}"\n}`;
  return patientOf(lock, '"file" {\n path = "/a"', given);
}

function inFolder(given: Partial<RolloutPatient> = {}): RolloutPatient {
  return patientOf("", `"file" {\n path = "${folder}/web.tar.gz"`, given);
}

function inBucket(secret = ceph.secretKey, given: Partial<RolloutPatient> = {}): RolloutPatient {
  const repo = `repo "s3" {\n endpoint = "${ceph.endpoint}"\n accessKey = "${ceph.accessKey}"\n secret = "${secret}"\n}`;
  return patientOf(repo, '"s3" {\n bucket = "releases"\n path = "web.tar.gz"', given);
}

async function verdict(check: string, patient: RolloutPatient): Promise<Verdict> {
  const found = rolloutChecks(patient).find(({ name }) => name === check);
  assert.ok(found, check);
  return await found.run(signal);
}

async function written(patient: RolloutPatient, key: string, bytes: Uint8Array): Promise<AsyncDisposable> {
  const store = patient.create();
  await store.put(key, bytes, signal);
  return {
    async [Symbol.asyncDispose]() {
      await store.remove(key, signal);
      store.close();
    },
  };
}

const stores = [
  ["Consul", (given?: Partial<RolloutPatient>) => inConsul(undefined, given)],
  ["a folder", inFolder],
  ["a bucket", (given?: Partial<RolloutPatient>) => inBucket(undefined, given)],
] as const;

for (const [where, patientIn] of stores) {
  describe(`hosts that meet in ${where}`, () => {
    it("every promise is tried, each told by its name", async () => {
      const { result, parts = [] } = await verdict("rollout store", patientIn());

      assert.equal(result, "ok");
      assert.ok(parts.length >= 9);
      assert.ok(parts.every(({ passed }) => passed));
    });

    it("the rights to put, list and remove are there, and nothing is left behind", async () => {
      const patient = patientIn();
      const { result } = await verdict("rollout store: rights", patient);
      const store: Store = patient.create();
      const left = [...(await store.list(space.beats, signal)), ...(await store.list(space.reports, signal))];
      store.close();

      assert.equal(result, "ok");
      assert.deepEqual(left, []);
    });

    it("a record that is not there yet is fine; one that nobody can read is not", async () => {
      const patient = patientIn();
      const none = await verdict("rollout record", patient);
      await using _nonsense = await written(patient, space.record, text.encode("nonsense"));
      const broken = await verdict("rollout record", patient);

      assert.equal(none.result, "ok");
      assert.match(none.sentence, /no rollout of "web" .* yet/);
      assert.equal(broken.result, "failed");
      assert.match(broken.remedy ?? "", /dropship rollout retry web/);
    });

    it("a record of this version is told with its number and phase; one that stands still is a warning", async () => {
      const patient = patientIn();
      await using _record = await written(patient, space.record, encodeRecord(recordOf({ seq: 7 })));
      const rolling = await verdict("rollout record", patient);
      await using _paused = await written(patient, space.record, encodeRecord(recordOf({ phase: "paused" })));
      const paused = await verdict("rollout record", patient);

      assert.deepEqual([rolling.result, paused.result], ["ok", "warning"]);
      assert.match(rolling.sentence, /number 7, rolling/);
      assert.match(paused.remedy ?? "", /"dropship rollout web"/);
    });

    it("another host that reports under this name is seen while no agent runs here", async () => {
      const report = reportOf("web-1", { at: ports.clock.wall() - 1000 });
      await using _report = await written(patientIn(), `${space.reports}web-1`, encodeReport(report));
      const stranger = await verdict("host name", patientIn());
      const ours = await verdict("host name", patientIn({ agentRuns: true }));

      assert.equal(stranger.result, "warning");
      assert.match(stranger.sentence, /another host may have this name/);
      assert.equal(ours.result, "ok");
    });
  });
}

test("credentials without rights are told with their remedy, and are not in the words", async () => {
  const token = "00000000-1111-2222-3333-444444444444";
  const secret = "not-the-secret-of-this-key";
  for (const patient of [inConsul(token), inBucket(secret)]) {
    for (const check of ["rollout store", "rollout store: rights", "rollout record"]) {
      const { result, sentence, remedy } = await verdict(check, patient);

      assert.equal(result, "failed", check);
      assert.doesNotMatch(`${sentence}${remedy}`, new RegExp(`${token}|${secret}`));
      assert.ok(remedy);
    }
  }
});

test("localhost is no name among others", async () => {
  const { result } = await verdict("host name", inFolder({ host: "localhost.localdomain" }));

  assert.equal(result, "warning");
});

test("windows are told as they stand now; without any nothing is said of them", async () => {
  const noon = Date.UTC(2026, 10, 27, 12);
  const at = (windows: readonly WindowDeclaration[]) => {
    const patient = inFolder({ clock: { ...ports.clock, wall: () => noon } });
    return { ...patient, rollout: { ...patient.rollout, windows } };
  };
  const window = { where: "", days: [5], from: 22 * 60, to: 4 * 60, zone: "UTC", overrun: "finish" } as const;

  const closed = await verdict("windows", at([window]));
  const open = await verdict("windows", at([{ ...window, from: 11 * 60, to: 13 * 60 }]));
  const never = await verdict("windows", at([{ ...window, days: [] }]));

  assert.equal(closed.sentence, "No update begins before 2026-11-27 22:00 UTC, when the next window opens.");
  assert.equal(open.sentence, "Updates may begin now, until 2026-11-27 13:00 UTC.");
  assert.deepEqual([closed.result, never.result], ["ok", "warning"]);
  assert.deepEqual(
    rolloutChecks(at([])).filter(({ name }) => name === "windows"),
    [],
  );
});
