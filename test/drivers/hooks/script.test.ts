import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { script } from "../../../src/drivers/hooks/script.ts";
import { decoded, hookContext, hookContract, hookPorts } from "../../contracts/hook.ts";

describe("a script hook", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "dropship-script-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  hookContract(script, { good: () => ({ command: "true" }), bad: () => ({ command: "false" }) });

  const run = (written: Record<string, unknown>, directory = folder) =>
    script.create(decoded(script.options, written), hookPorts).run(hookContext({ directory }));

  test("decides about the update", () => {
    assert.equal(script.create(decoded(script.options, { command: "true" }), hookPorts).decides, true);
  });

  test("says the exit code and the last line of what it printed", async () => {
    const result = await run({ command: "echo first; echo 'port 80 is taken' >&2; exit 3" });

    assert.equal(result.failure?.code, "hook-failed");
    assert.match(result.failure?.sentence ?? "", /ended with exit code 3; it printed last: "port 80 is taken"\.$/);
    assert.equal(result.output, "first\nport 80 is taken\n");
  });

  test("asks to be tried again later by exit code 75", async () => {
    const result = await run({ command: "echo busy; exit 75" });

    assert.deepEqual([result.outcome, result.failure?.code], ["not-now", "hook-not-now"]);
  });

  test("tells a time-out from a signal of somebody else", async () => {
    const late = await run({ command: "sleep 30", timeout: "200ms" });
    const shot = await run({ command: "kill -SEGV $$" });

    assert.equal(late.failure?.code, "hook-timed-out");
    assert.match(late.failure?.sentence ?? "", /took too long: ended after 200ms/);
    assert.equal(shot.failure?.code, "hook-signalled");
    assert.match(shot.failure?.sentence ?? "", /by SIGSEGV/);
  });

  test("says what is missing when it cannot start", async () => {
    const result = await run({ command: "true", user: "no-such-user" });

    assert.equal(result.failure?.code, "hook-not-started");
    assert.match(result.failure?.sentence ?? "", /no user "no-such-user"/);
  });

  test("runs in the destination, or in / while there is none", async () => {
    assert.equal((await run({ command: "pwd" })).output, `${folder}\n`);
    assert.equal((await run({ command: "pwd" }, join(folder, "not-there-yet"))).output, "/\n");
  });

  test("is told about the update, and by no option something else", async () => {
    const result = await run({
      command: "echo $DROPSHIP_SERVICE $PORT",
      env: { PORT: "8080", DROPSHIP_SERVICE: "another" },
    });

    assert.equal(result.output, "web 8080\n");
  });

  test("leaves braces and dollars of its command to the shell", async () => {
    const result = await run({ command: ["echo {{.Name}} $", "{NOTHING:-x}"].join("") });

    assert.equal(result.output, "{{.Name}} x\n");
  });

  test("says how much of a flood was not kept", async () => {
    const result = await run({ command: "yes | head -c 200000; echo; echo last" });

    assert.match(result.output ?? "", /^\(\d+ bytes before this were not kept\)\n/);
    assert.match(result.output ?? "", /\nlast\n$/);
  });
});
