import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceStatus } from "../../src/agent/operations.ts";
import { idleStatus, memory, now, tryCommand } from "./in-memory-agent.ts";

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
