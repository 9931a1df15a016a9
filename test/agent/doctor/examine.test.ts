import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type AgentPorts, systemPorts } from "../../../src/agent/agent-ports.ts";
import { examine } from "../../../src/agent/doctor/examine.ts";
import type { Finding } from "../../../src/agent/doctor/finding.ts";
import { diskPorts } from "../../../src/config/disk.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import { createSecrets } from "../../../src/domain/secrets.ts";
import type { Clock, Logger } from "../../../src/platform/ports.ts";
import { startFaultProxy } from "../../servers/fault-proxy.ts";
import { startNginx } from "../../servers/nginx.ts";

const folder = mkdtempSync(join(tmpdir(), "dropship-doctor-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const quiet: Logger = { log: () => undefined, with: () => quiet };

interface Patient {
  /** Settings and blocks of the service beside its artifact. */
  readonly service?: string;
  readonly artifact?: string;
  readonly destination?: string;
  readonly clock?: Partial<Clock>;
  readonly files?: Partial<AgentPorts["files"]>;
  readonly prepare?: (home: string) => void;
  readonly host?: string;
}

let patients = 0;

/** A host of its own with one service, and what the doctor finds. */
async function findingsOf({ service = "", artifact, destination = "srv/web", clock, files, prepare, host }: Patient) {
  patients += 1;
  const home = join(folder, String(patients));
  for (const name of ["", "state", "srv", "store", "services"]) mkdirSync(join(home, name), { mode: 0o700 });
  writeFileSync(join(home, "store", "web.tar.gz"), "content");
  prepare?.(home);
  const what = artifact ?? `"file" {\n path = "${join(home, "store/web.tar.gz")}"`;
  const named = host === undefined ? "" : `host = "${host}"\n`;
  const text = `${named}state_path = "${home}/state"\nservice "web" {\n${service}\n artifact ${what}\n destination = "${home}/${destination}"\n }\n}\n`;
  const file = join(home, "dropship.hcl");
  writeFileSync(file, text, { mode: 0o600 });
  const { configuration, diagnostics, secrets } = loadConfiguration(file, { ...diskPorts(), userId: 1000 });
  assert.ok(configuration, JSON.stringify(diagnostics));
  const before = readdirSync(home, { recursive: true }).toSorted();
  const ports = systemPorts(quiet, createSecrets(secrets));
  const findings: Finding[] = [];
  await examine({
    configuration,
    services: configuration.services,
    ports: { ...ports, clock: { ...ports.clock, ...clock }, files: { ...ports.files, ...files } },
    stop: new AbortController().signal,
    onFinding: (finding) => findings.push(finding),
  });
  assert.deepEqual(readdirSync(home, { recursive: true }).toSorted(), before, "the doctor changed something");
  const of = (check: string): Finding => {
    const found = findings.find((finding) => finding.check === check);
    assert.ok(found, `no check "${check}" among ${findings.map((finding) => finding.check).join(", ")}`);
    return found;
  };
  return { findings, of, home };
}

test("a sound host has nothing that failed, and nothing on it changes", async () => {
  const { findings, of, home } = await findingsOf({});

  assert.deepEqual(
    findings.filter(({ result }) => result === "failed"),
    [],
  );
  assert.deepEqual(
    findings.map(({ check }) => check),
    [
      "node",
      "open files",
      "state folder",
      "state folder: free space",
      "destination",
      "releases folder",
      "releases folder: free space",
      "repository",
      "clock",
    ],
  );
  assert.equal(of("destination").sentence, `Nothing stands at ${home}/srv/web yet.`);
  assert.match(of("repository").sentence, /web\.tar\.gz is there and can be read \(7 B\)\.$/);
});

test("an artifact that is not there is told in the catalogue's words", async () => {
  const { of } = await findingsOf({ artifact: `"file" {\n path = "${folder}/nowhere.tar.gz"` });

  assert.equal(of("repository").result, "failed");
  assert.match(of("repository").sentence, /nowhere\.tar\.gz/);
  assert.ok(of("repository").remedy);
});

test("a state folder that others may enter is a warning, a link in its place a failure", async () => {
  const open = await findingsOf({ prepare: (home) => chmodSync(join(home, "state"), 0o755) });
  const linked = await findingsOf({
    prepare(home) {
      rmSync(join(home, "state"), { recursive: true });
      mkdirSync(join(home, "real"));
      symlinkSync(join(home, "real"), join(home, "state"));
    },
  });

  assert.equal(open.of("state folder").result, "warning");
  assert.match(open.of("state folder").remedy ?? "", /chmod 700/);
  assert.equal(linked.of("state folder").result, "failed");
  assert.match(linked.of("state folder").sentence, /is a symbolic link/);
});

test("a file where the folder above the destination should be is a failure", async () => {
  const { of } = await findingsOf({
    prepare: (home) => writeFileSync(join(home, "srv/app"), ""),
    destination: "srv/app/web",
  });

  assert.equal(of("destination").result, "failed");
  assert.equal(of("releases folder").result, "failed");
});

for (const [bytes, inodes, result] of [
  [10, 1e6, "failed"],
  [1e12, 5, "failed"],
  [500e6, 1e6, "warning"],
  [1e12, Number.POSITIVE_INFINITY, "ok"],
] as const) {
  test(`${bytes} bytes and ${inodes} inodes free: ${result}`, async () => {
    const { of } = await findingsOf({ files: { space: async () => ({ bytes, inodes }) } });

    assert.equal(of("state folder: free space").result, result);
    assert.equal(of("releases folder: free space").result, result);
  });
}

test("a hook's program that is not there is a warning; what bash finds by itself is not judged", async () => {
  const hooks =
    'before "script" { command = "/no/such/program stop" }\nafter "script" { command = "systemctl start web" }';
  const missing = await findingsOf({ service: hooks });
  const present = await findingsOf({ service: 'before "script" { command = "/bin/sh -c true" }' });

  assert.equal(missing.of("hooks").result, "warning");
  assert.match(missing.of("hooks").sentence, /: \/no\/such\/program\.$/);
  assert.equal(present.of("hooks").result, "ok");
});

test("a disk that hangs ends with its own check", async () => {
  const started = performance.now();
  const hung = new Promise<never>(() => undefined);
  const deadline: Clock["deadline"] = (duration, reason, parent) => {
    const signal = AbortSignal.any([AbortSignal.timeout(duration / 50), ...(parent ? [parent] : [])]);
    const controller = new AbortController();
    signal.addEventListener("abort", () => controller.abort(parent?.aborted ? parent.reason : reason()));
    return { signal: controller.signal, [Symbol.dispose]: () => undefined };
  };
  const { of } = await findingsOf({ files: { space: () => hung }, clock: { deadline } });

  assert.equal(of("state folder: free space").result, "failed");
  assert.match(of("state folder: free space").sentence, /no answer within 10 s/);
  assert.equal(of("repository").result, "ok");
  assert.ok(performance.now() - started < 5000);
});

test("against a real web server: the artifact is read, and the clocks are compared", async () => {
  await using nginx = await startNginx();
  writeFileSync(join(nginx.www, "web.tar.gz"), "x".repeat(5000));
  const artifact = `"http" {\n url = "${nginx.endpoint}/web.tar.gz"`;
  const right = await findingsOf({ artifact });
  const wrong = await findingsOf({ artifact, clock: { wall: () => Date.now() + 3_600_000 } });

  assert.match(right.of("repository").sentence, /can be read \(4\.9 KiB\)/);
  assert.equal(right.of("clock").result, "ok");
  assert.match(right.of("clock").sentence, /agrees with that of 127\.0\.0\.1/);
  assert.equal(wrong.of("clock").result, "warning");
  assert.match(wrong.of("clock").sentence, /3600 s ahead of that of 127\.0\.0\.1.*only windows, signed requests/);
  assert.match(wrong.of("clock").remedy ?? "", /timedatectl set-ntp true/);
});

test("a store that is away is told as such, and the clock is then not judged", async () => {
  const proxy = await startFaultProxy();
  const { endpoint } = proxy;
  await proxy[Symbol.asyncDispose]();
  const { of } = await findingsOf({ artifact: `"http" {\n url = "${endpoint}/web.tar.gz"` });

  assert.equal(of("repository").result, "failed");
  assert.match(of("clock").sentence, /was not judged/);
});

test("a coordinated service is tried where its hosts meet, under the name that the configuration gives", async () => {
  const service = 'rollout {\n window "nights" {\n from = "22:00"\n to = "04:00"\n zone = "UTC"\n }\n }';
  const { findings, of, home } = await findingsOf({
    service,
    host: "web-7",
    prepare: (folder) =>
      mkdirSync(join(folder, "store", "web.tar.gz.rollout", "web", "default", "beats"), { recursive: true }),
  });

  const fleet = findings.filter(({ check }) => /^rollout|^host name$|^windows$/.test(check));
  assert.deepEqual(
    fleet.map(({ check, result, service: name }) => [check, result, name]),
    ["rollout store", "rollout store: rights", "rollout record", "host name", "windows"].map((check) => [
      check,
      "ok",
      "web",
    ]),
  );
  assert.ok((of("rollout store").parts?.length ?? 0) >= 9);
  assert.match(of("rollout store").sentence, new RegExp(`${home}/store/web\\.tar\\.gz\\.rollout`));
  assert.match(of("host name").sentence, /known to its fleet as "web-7"/);
});
