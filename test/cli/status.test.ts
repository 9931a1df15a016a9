import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceStatus } from "../../src/agent/operations.ts";
import { idleStatus, memory, newRelease, now, tryCommand } from "./in-memory-agent.ts";

const note = { code: "connection-failed", sentence: "The store is away.", remedy: "Wait." } as const;

test("status shows every service in a line", async () => {
  const denied = { digest: "c".repeat(64), reason: { ...note, sentence: "It was unhealthy." }, at: now - 5000 };
  const statuses: ServiceStatus[] = [
    idleStatus,
    {
      ...idleStatus,
      service: "api",
      state: "fetching",
      progress: { state: "fetching", done: 1, total: 4 },
      health: "unknown",
    },
    { ...idleStatus, service: "old", wanted: { digest: "c".repeat(64) }, denied: [denied], health: "unhealthy" },
    { ...idleStatus, service: "held", pinned: "1.1-bbbbbbbbbbbb" },
  ];
  const { code, out } = await tryCommand({ words: ["status"], memory: memory({ status: async () => statuses }) });

  assert.equal(code, 0);
  assert.equal(
    out,
    `SERVICE  STATE            RUNNING           HEALTH     WANTED                      CHECKED  NEXT
web      idle             1.1-bbbbbbbbbbbb  healthy    this one                    12s ago  in 18s
api      downloading 25%  1.1-bbbbbbbbbbbb  unknown    this one                    12s ago  in 18s
old      idle             1.1-bbbbbbbbbbbb  unhealthy  refused                     12s ago  in 18s
held     idle             1.1-bbbbbbbbbbbb  healthy    pinned to 1.1-bbbbbbbbbbbb  12s ago  in 18s

! old: the wanted release was refused 5s ago: It was unhealthy.
  next: dropship logs old; dropship retry old tries it again
`,
  );
});

test("what was left by hand, and what a pinned service does not take, is no trouble", async () => {
  const reason = { code: "left-by-operator", sentence: "Release 1.1 was left by hand.", remedy: "Upload." } as const;
  const left: ServiceStatus = {
    ...idleStatus,
    wanted: { digest: "c".repeat(64) },
    denied: [{ digest: "c".repeat(64), reason, at: now - 5000 }],
  };
  const said = async (status: ServiceStatus) =>
    (await tryCommand({ words: ["status"], memory: memory({ status: async () => [status] }) })).out;

  assert.match(
    await said(left),
    / left by hand .*\n\n! web: 5s ago: Release 1\.1 was left by hand\.\n {2}next: Upload\.\n$/,
  );
  assert.match(await said({ ...left, pinned: "1.0" }), /^[^!]* pinned to 1\.0 [^!]*$/);
});

test("status of one service shows all of it", async () => {
  const { out } = await tryCommand({ words: ["status", "web"], memory: memory({ status: async () => [idleStatus] }) });

  assert.match(out, /^web\n {2}state {8}idle\n {2}running {6}1\.1-bbbbbbbbbbbb\n/);
  assert.match(out, / {2}artifact {5}s3:\/\/bucket\/web\.tar\.gz\n {2}destination {2}\/srv\/web\n/);
  assert.match(out, / {2}last update {2}updated 1m ago\n$/);
});

test("a broken service says so, and what to do", async () => {
  const broken = { ...idleStatus, broken: true };
  const { out } = await tryCommand({ words: ["status"], memory: memory({ status: async () => [broken] }) });

  assert.match(out, /web {6}broken /);
  assert.match(out, /! web: an update went bad and going back failed too[^\n]*\n {2}next: dropship logs web, then/);
});

test("an update that nobody works on any more is shown with what ends it", async () => {
  const left = { ...idleStatus, state: "running-after-hooks", interrupted: true } as const;
  const { out } = await tryCommand({ words: ["status"], memory: memory({ status: async () => [left] }), alone: true });

  assert.match(out, /^web +interrupted /m);
  assert.match(
    out,
    /! web: an update was interrupted \(running the after hooks\), and nobody is at work on it\n {2}next: start/,
  );
});

test("status says what stands at a destination that is not Dropship's, and since when a state lasts", async () => {
  const said = async (status: ServiceStatus, ...words: string[]) =>
    (await tryCommand({ words: ["status", ...words], memory: memory({ status: async () => [status] }) })).out;

  assert.match(
    await said({ ...idleStatus, foreign: "folder" }),
    /^! web: a folder stands at \/srv\/web that Dropship did not put there\n {2}next: the next update keeps it/m,
  );
  assert.match(await said({ ...idleStatus, foreign: "unknown" }), /the file system of \/srv\/web does not answer/);
  assert.match(
    await said({ ...idleStatus, state: "checking-health", since: now - 12_000 }, "web"),
    / {2}state {8}checking its health, since 12s ago\n/,
  );
});

const release = { digest: newRelease.digest, artifact: "web.tar.gz", version: "1.1" };
const seen = { at: now - 4000, phase: "rolling", release, done: 1, hosts: 3 } as const;
const fleet = { host: "web-1", group: "eu", place: "consul http://127.0.0.1:8500", safety: "strict", seen } as const;

test("a host that waits for its turn says for what, and one that no time helps says what to do", async () => {
  const state = "acquiring" as const;
  const turn = { why: "slots-taken", sentence: "The one slot is taken: web-2 (switching, for 3s)." } as const;
  const paused = { why: "paused", sentence: "ann@laptop paused the rollout.", remedy: "Say resume." } as const;
  const statuses: ServiceStatus[] = [
    { ...idleStatus, state, fleet, waiting: turn },
    { ...idleStatus, service: "api", state, fleet, waiting: paused },
  ];
  const { out } = await tryCommand({ words: ["status"], memory: memory({ status: async () => statuses }) });

  assert.match(out, /\nweb: waits: The one slot is taken: web-2 \(switching, for 3s\)\.\n/);
  assert.match(out, /\n! api: waits: ann@laptop paused the rollout\.\n {2}next: Say resume\.\n$/);
});

test("status of one service shows its rollout and slot as they were seen last, and where hosts meet", async () => {
  const slot = { attempt: "a", digest: newRelease.digest, purpose: "update", state: "switching" } as const;
  const held = { ...slot, fenced: true, lostAfter: 1, since: now - 61_000 };
  const status: ServiceStatus = { ...idleStatus, fleet: { ...fleet, seen: { ...seen, slot: held } } };
  const { out } = await tryCommand({ words: ["status", "web"], memory: memory({ status: async () => [status] }) });

  assert.match(
    out,
    /\n {2}rollout {6}1\.1 \(bbbbbbbbbbbb\): rolling, 1 of 3 hosts, seen 4s ago\n {2}slot {9}switching, for 1m 01s\n/,
  );
  assert.match(
    out,
    /\n {2}known as {5}web-1, in the group eu\n {2}hosts meet {3}in consul http:\/\/127\.0\.0\.1:8500\n/,
  );
});

test("a store that is only best-effort, and a rollout that stands still, are told for every service", async () => {
  const halted = { ...seen, phase: "halted", halt: "web-2: no port." } as const;
  const status: ServiceStatus = { ...idleStatus, fleet: { ...fleet, safety: "best-effort", seen: halted } };
  const { out } = await tryCommand({ words: ["status"], memory: memory({ status: async () => [status] }) });

  assert.match(
    out,
    /\nweb: its rollout: 1\.1 \(bbbbbbbbbbbb\): halted \(web-2: no port\), 1 of 3 hosts, seen 4s ago; see\n {2}"dropship rollout web"\n/,
  );
  assert.match(
    out,
    /\nweb: hosts meet in consul [^\n]*; best-effort: it may lose a write that it has\n {2}acknowledged/,
  );
});
