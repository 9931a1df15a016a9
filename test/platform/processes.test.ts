import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access, chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { systemClock } from "../../src/platform/clock.ts";
import type { ProcessRequest, ProcessResult } from "../../src/platform/ports.ts";
import { createProcesses } from "../../src/platform/processes.ts";
import { systemRandom } from "../../src/platform/random.ts";
import { alive, pidsIn, waitUntil } from "./process-watch.ts";

const processes = createProcesses({ clock: systemClock, random: systemRandom });
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "dropship-processes-"));
  await chmod(folder, 0o777);
});
after(() => rm(folder, { recursive: true, force: true }));

function run(command: string, changes: Partial<ProcessRequest> = {}): Promise<ProcessResult> {
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

describe("a command that ends by itself", () => {
  test("gives its exit code, and both outputs in the order they came", async () => {
    const result = await run("echo one; echo two >&2; echo three; exit 7");

    assert.deepEqual(
      { ...result, duration: 0 },
      { how: "exited", code: 7, output: "one\ntwo\nthree\n", dropped: 0, duration: 0 },
    );
  });

  test("may write to /dev/stdout and /dev/stderr by name", async () => {
    const result = await run("echo one >/dev/stdout; echo two >/dev/stderr");

    assert.deepEqual([result.code, result.output], [0, "one\ntwo\n"]);
  });

  test("says which signal ended it", async () => {
    const result = await run("kill -KILL $$");

    assert.deepEqual([result.how, result.detail, result.code], ["signalled", "SIGKILL", undefined]);
  });

  test("runs in the wished folder with nothing to read", async () => {
    const result = await run("pwd; cat; readlink /proc/self/fd/0");

    assert.equal(result.output, `${folder}\n/dev/null\n`);
  });

  test("sees its own environment, a safe PATH and its user, and nothing of the agent's", async () => {
    process.env["AGENT_SECRET"] = "swordfish";
    try {
      const result = await run("env -0 | tr '\\0' '\\n'", {
        environment: { GIVEN: "a 'b' \"c\"", HOME: "/elsewhere" },
      });
      const names = result.output.split("\n").map((line) => line.split("=")[0]!);

      assert.doesNotMatch(result.output, /swordfish/);
      assert.match(result.output, /^GIVEN=a 'b' "c"$/m);
      assert.match(result.output, /^HOME=\/elsewhere$/m);
      assert.match(result.output, /^PATH=\/usr\/local\/sbin:/m);
      const expected = ["DROPSHIP_HOOK_RUN", "GIVEN", "HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHLVL", "USER", "_"];
      assert.deepEqual(names.filter(Boolean).sort(), expected);
    } finally {
      delete process.env["AGENT_SECRET"];
    }
  });

  test("inherits no open file of the agent, not even one that the agent inherited itself", async () => {
    const result = await run("ls /proc/self/fd; readlink /proc/self/fd/1 | grep -o pipe");

    // 3 is the folder that ls reads.
    assert.equal(result.output, "0\n1\n2\n3\npipe\n");
  });

  test("leads a session of its own, so that no terminal signal of the agent reaches it", async () => {
    const result = await run("cut -d' ' -f6 /proc/$$/stat; echo $$");
    const [session, pid] = result.output.trim().split("\n");

    assert.equal(session, pid);
  });

  test("may print bytes that are no text", async () => {
    const result = await run("printf 'a\\xff\\x00\\x1b[31mb\\xc3\\xa9'");

    assert.equal(result.output, "a\ufffd\0\u001b[31mb\u00e9");
  });

  test("keeps the last bytes of a flood and counts the others", async () => {
    const result = await run("head -c 50000000 /dev/zero | tr '\\0' x; echo end", { outputLimit: 100 });

    assert.equal(result.output, `${"x".repeat(96)}end\n`);
    assert.equal(result.dropped, 50_000_004 - 100);
  });

  test("knows exactly one command: several lines and quotes stay as they are", async () => {
    const result = await run(`if true\nthen echo "it's $0" '$HOME'\nfi`);

    assert.equal(result.output, "it's /bin/bash $HOME\n");
  });
});

describe("a command that starts a background process", () => {
  test("is done at once, and what it started goes on and can still write", async () => {
    const result = await run("(while true; do echo tick; sleep 0.05; done) & echo $! >$FOLDER/daemon; echo started");
    const [pid] = await pidsIn(join(folder, "daemon"));

    try {
      assert.equal(result.how, "exited");
      assert.equal(result.code, 0);
      assert.match(result.output, /^(tick\n)*started\n/);
      assert.match(result.detail ?? "", /^[12] process(es)? it started go(es)? on$/);
      assert.ok(result.duration < 5000, `took ${result.duration} ms`);
      // Several writes after the agent stopped reading: a broken pipe would have ended it.
      await systemClock.sleep(300);
      assert.ok(alive(pid!));
    } finally {
      process.kill(-(await groupOf(pid!)), "SIGKILL");
    }
  });

  test("is not held up by a background process that floods the output", async () => {
    const result = await run("yes & echo $! >$FOLDER/flood; sleep 0.3");
    const [pid] = await pidsIn(join(folder, "flood"));

    try {
      assert.equal(result.how, "exited");
      assert.ok(result.duration < 5000, `took ${result.duration} ms`);
      assert.ok(alive(pid!));
    } finally {
      process.kill(pid!, "SIGKILL");
    }
  });

  test("says nothing of one that closed the output", async () => {
    const result = await run("sleep 30 >/dev/null 2>&1 & echo $! >$FOLDER/quiet");
    const [pid] = await pidsIn(join(folder, "quiet"));

    process.kill(pid!, "SIGKILL");
    assert.deepEqual([result.how, result.detail], ["exited", undefined]);
  });
});

describe("a command whose agent is killed", () => {
  test("goes on to its end, and can write as before", async () => {
    const command = `trap 'echo broken pipe >${folder}/nearly; mv ${folder}/nearly ${folder}/end; exit' PIPE
      echo $$ >${folder}/begun
      for i in {1..20}; do echo "line $i" || exit 1; sleep 0.05; done
      echo reached >${folder}/nearly; mv ${folder}/nearly ${folder}/end`;
    const program = join(import.meta.dirname, "command-once.ts");
    const agent = spawn(process.execPath, [program, command], { stdio: "ignore" });
    await waitUntil(() => exists("begun"));

    agent.kill("SIGKILL");
    await waitUntil(() => exists("end"));

    assert.equal(await readFile(join(folder, "end"), "utf8"), "reached\n");
  });
});

describe("a command that takes too long", () => {
  test("is asked to end first, and what it says then is kept", async () => {
    const result = await run("trap 'echo bye; exit 3' TERM; echo ready; while true; do sleep 0.02; done", {
      timeout: 500,
    });

    assert.deepEqual([result.how, result.code], ["timed-out", undefined]);
    // Bash may say that its child, the sleep, was ended too.
    assert.match(result.output, /^ready\n(Terminated\n)?bye\n$/);
    assert.equal(result.detail, "ended after 500ms");
    assert.ok(result.duration < 4000, `took ${result.duration} ms`);
  });

  test("dies when it does not listen", async () => {
    const result = await run("trap '' TERM; echo $$ >$FOLDER/deaf; while true; do sleep 0.1; done", {
      timeout: 500,
      grace: 300,
    });

    assert.equal(result.how, "timed-out");
    assert.ok(result.duration >= 800, `took ${result.duration} ms`);
    await assertGone("deaf");
  });

  test("takes along children that left its group, its session and their parent, and do not listen", async () => {
    const child = "trap '' TERM HUP; echo $$ >>$FOLDER/left; while true; do sleep 0.1; done";
    const result = await run(
      `child="${child.replaceAll("$", "\\$")}"
       bash -c "$child" & setsid bash -c "$child" & (setsid bash -c "$child" &) & (setsid setsid -f bash -c "$child")
       until [ "$(wc -l <$FOLDER/left)" = 4 ]; do sleep 0.02; done; echo all; wait`,
      { timeout: 2000, grace: 200 },
    );

    assert.equal(result.how, "timed-out");
    assert.equal(result.output, "all\n");
    assert.equal((await pidsIn(join(folder, "left"))).length, 4);
    await assertGone("left");
  });

  test("takes along children that cleared their environment", async () => {
    const result = await run(
      "env -i setsid bash -c 'echo $$ >$0/cleared; while true; do sleep 0.1; done' $FOLDER & sleep 60",
      { timeout: 1000 },
    );

    assert.equal(result.how, "timed-out");
    await assertGone("cleared");
  });

  test("ends even when it is stopped", async () => {
    const result = await run("echo $$ >$FOLDER/stopped; kill -STOP $$", { timeout: 500 });

    assert.equal(result.how, "timed-out");
    assert.ok(result.duration < 4000, `took ${result.duration} ms`);
    await assertGone("stopped");
  });

  test("ends even when it floods its output", async () => {
    const memory = process.memoryUsage().rss;
    const result = await run("echo $$ >$FOLDER/yes; yes", { timeout: 1000 });

    assert.equal(result.how, "timed-out");
    assert.equal(result.output.length, 4096);
    assert.ok(result.dropped > 10_000_000, `only ${result.dropped} bytes came`);
    assert.ok(process.memoryUsage().rss - memory < 60_000_000);
    await assertGone("yes");
  });

  test("leaves other processes alone", async () => {
    const other = spawn("/bin/sleep", ["30"], { stdio: "ignore" });
    try {
      await run("sleep 30", { timeout: 200 });

      assert.ok(alive(other.pid!));
    } finally {
      other.kill("SIGKILL");
    }
  });
});

describe("a command that is stopped", () => {
  test("ends as soon as the signal aborts", async () => {
    const controller = new AbortController();
    const running = run("echo $$ >$FOLDER/aborted; sleep 60", { signal: controller.signal });
    await waitUntil(() => exists("aborted"));

    controller.abort(new Error("the agent stops"));
    const result = await running;

    assert.deepEqual([result.how, result.detail], ["stopped", "ended on request"]);
    await assertGone("aborted");
  });

  test("does not even start when the signal was aborted before", async () => {
    const result = await run("touch $FOLDER/never", { signal: AbortSignal.abort() });

    assert.equal(result.how, "stopped");
    await assert.rejects(access(join(folder, "never")));
  });
});

/** None of the processes whose numbers stand in the file is there any more. */
async function assertGone(file: string): Promise<void> {
  const pids = await pidsIn(join(folder, file));
  assert.notEqual(pids.length, 0);
  assert.deepEqual(pids.filter(alive), []);
}

async function groupOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
}

function exists(file: string): Promise<boolean> {
  return access(join(folder, file)).then(
    () => true,
    () => false,
  );
}
