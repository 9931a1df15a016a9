import assert from "node:assert/strict";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { systemClock } from "../../src/platform/clock.ts";
import type { ProcessRequest, ProcessResult } from "../../src/platform/ports.ts";
import { createProcesses } from "../../src/platform/processes.ts";
import { systemRandom } from "../../src/platform/random.ts";
import { alive, pidsIn } from "./process-watch.ts";

const processes = createProcesses({ clock: systemClock, random: systemRandom });
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "dropship-launch-"));
  await chmod(folder, 0o777);
});
after(() => rm(folder, { recursive: true, force: true }));

function run(command: string, changes: Partial<ProcessRequest>): Promise<ProcessResult> {
  return processes.run({
    command,
    environment: { FOLDER: folder },
    directory: folder,
    timeout: 20_000,
    grace: 5000,
    outputLimit: 4096,
    ...changes,
  });
}

describe("a command that cannot start", () => {
  for (const [what, changes, detail] of [
    ["its folder is missing", { directory: "/no/such/folder" }, /the folder \/no\/such\/folder does not exist/],
    ["its folder is a file", { directory: "/etc/passwd" }, /the folder \/etc\/passwd is not a folder/],
    ["its user is unknown", { user: "no-such-user" }, /no user "no-such-user"/],
    ["its user looks like an option", { user: "--help" }, /no user "--help"/],
    ["its environment is too large", { environment: { HUGE: "x".repeat(3_000_000) } }, /larger than the system allows/],
    ["its environment cannot be passed", { environment: { NUL: "a\0b" } }, /holds a NUL character$/],
    ["its command cannot be passed", { command: "echo a\0b" }, /holds a NUL character$/],
  ] as const) {
    test(`says so when ${what}`, async () => {
      const result = await run("echo ran", changes);

      assert.equal(result.how, "not-started");
      assert.match(result.detail ?? "", detail);
      assert.equal(result.output, "");
    });
  }
});

describe("a command of another user", () => {
  const root = process.getuid?.() === 0;

  test(root ? "runs as that user, with its groups and home" : "is refused unless the agent is root", async () => {
    const result = await run(
      "id -un; id -u; id -G; echo $HOME $USER $LOGNAME; touch $FOLDER/mine; stat -c %U $FOLDER/mine",
      { user: root ? "nobody" : "root" },
    );

    if (root) assert.equal(result.output, "nobody\n65534\n65534\n/nonexistent nobody nobody\nnobody\n");
    else assert.match(result.detail ?? "", /only an agent that runs as root/);
  });

  test("may be the agent's own, by name or number", async () => {
    const result = await run("id -u", { user: String(process.getuid?.()) });

    assert.equal(result.output, `${process.getuid?.()}\n`);
  });

  test("dies with everything it started, like any other", async () => {
    const result = await run("setsid sleep 60 & echo $! >$FOLDER/theirs; wait", {
      timeout: 500,
      user: root ? "nobody" : String(process.getuid?.()),
    });

    assert.equal(result.how, "timed-out");
    assert.deepEqual((await pidsIn(join(folder, "theirs"))).filter(alive), []);
  });
});
