import assert from "node:assert/strict";
import { hostname } from "node:os";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { HostReport } from "../../src/domain/rollout/report.ts";
import { declared, hostNames, newDigest, recordOf, reportOf, slot, tally } from "../domain/rollout/fleet-as-seen.ts";
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

const ann = `ann@${hostname()}`;

function freshReports(...hosts: readonly string[]): readonly HostReport[] {
  return hosts.map((host) => reportOf(host, { at: Date.now() - 1000 }));
}

test("a rollout is told with its slots, who has it, and what comes next", async () => {
  const slots = { "web-2": slot({ since: Date.now() - 61_000 }) };
  await machine.fill("web", recordOf({ ok: tally("web-1"), slots }), freshReports("web-1", "web-2", "web-3"));
  await machine.beat("web", "web-2", { attempt: "attempt", number: 1, at: Date.now() - 4000 });

  const { code, out, err } = await machine.dropship("rollout", "web");

  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^web: rolling {2}1 of 3 hosts\n/);
  assert.match(out, /\n {2}SLOT OF {2}STATE +FOR {2}LAST BEAT\n {2}web-2 {4}updating {2}1m \d\ds {2}\ds ago\n/);
  assert.match(out, /\n {2}done {9}1: web-1\n/);
  assert.match(out, /\nnext: 2 hosts are still to come, 1 at a time\.\n$/);
});

test("a halted rollout ends with an exit code of its own, and says what to type", async () => {
  const halt = { why: "failures", reason: "web-1: no port", at: Date.now() - 60_000 } as const;
  const failed = [{ host: "web-1", attempt: "f", digest: newDigest, reason: "no port" }];
  const denied = [{ digest: newDigest, reason: "web-1: no port" }];
  await machine.fill("web", recordOf({ phase: "halted", halt, failed, denied }));

  const told = await machine.dropship("rollout", "web");
  const listed = await machine.dropship("rollout");
  const json = await machine.dropship("rollout", "web", "--json");

  assert.deepEqual([told.code, listed.code, json.code], [8, 8, 8]);
  assert.match(told.out, /\n {2}halted {7}1m ago, the release failed: web-1: no port\n/);
  assert.match(told.out, /say\s+"dropship rollout resume web"/);
  assert.match(
    listed.out,
    /^SERVICE +PHASE +DONE [^\n]*\nweb +halted +0\/3 [^\n]*\ndatabase +none yet\npause +none yet\n\n! web: /,
  );
  const { summary, next } = JSON.parse(json.out);
  assert.deepEqual([summary.halt.why, summary.denied[0].digest], ["failures", newDigest]);
  assert.match(next[0].remedy, /dropship rollout resume web/);
});

test("each word of an operator tells what was and what is now, and stays in the record with who said it", async () => {
  await machine.fill("web", recordOf({ hosts: 4, ok: tally("web-1") }));
  const say = (...words: string[]) => machine.dropship("rollout", ...words);

  const paused = await say("pause", "web", "--reason", "a migration");
  const { said } = await machine.record("web");
  const again = await say("pause", "web");
  const resumed = await say("resume", "web");
  const limited = await say("limit", "web", "3");
  const halted = await say("halt", "web", "--reason", "logins fail");
  const { halt, denied } = await machine.record("web");
  const retried = await say("retry", "web");
  const { denied: left, retries } = await machine.record("web");

  assert.deepEqual([paused.code, paused.out.split("\n")[0]], [0, "web: paused (was rolling)"]);
  assert.deepEqual([said?.event, said?.by, said?.reason], ["pause", ann, "a migration"]);
  assert.deepEqual([again.code, again.out], [0, "web: paused already, nothing to do\n"]);
  assert.equal(resumed.out, "web: rolling (was paused)\n");
  assert.match(
    limited.out,
    /^web: 3 hosts at a time \(was 1\)\n {2}It holds until the next rollout begins; the configuration says 1\.\n$/,
  );
  assert.match(
    halted.out,
    /^web: halted \(was rolling\)\n {2}Every host of the fleet refuses 1\.4\.2 \(3f9c2a718b01\)/,
  );
  assert.deepEqual([halt?.why, halt?.reason, denied[0]?.digest], ["operator", `${ann}: logins fail`, newDigest]);
  assert.match(retried.out, /^web: rolling \(was halted\)\n {2}Forgotten: 0 failures and 1 refused content\.\n/);
  assert.deepEqual([left, retries], [[], 1]);
});

test("a service that is called like a verb is reached all the same", async () => {
  await machine.fill("pause", recordOf({ ok: tally("web-1") }));

  const shown = await machine.dropship("rollout", "pause");
  const paused = await machine.dropship("rollout", "pause", "pause");

  assert.match(shown.out, /^pause: rolling {2}1 of 3 hosts/);
  assert.equal(paused.out.split("\n")[0], "pause: paused (was rolling)");
});

const mistakes = [
  [
    ["rollout", "lonely"],
    2,
    /^error: Service "lonely" is not coordinated with other hosts\.\n {2}Give it sequentialUpdates/,
  ],
  [["rollout", "wbe"], 2, /^error: There is no service "wbe"; did you mean "web"\?\n/],
  [["rollout", "pause", "wbe"], 2, /^error: There is no service "wbe"; did you mean "web"\?\n/],
  [
    ["rollout", "halt"],
    2,
    /^error: "dropship rollout halt" needs to know which service\.\n {2}Write it like this: dropship rollout halt SERVICE\./,
  ],
  [["rollout", "web", "halt"], 2, /; did you mean "dropship rollout halt web"\?\n/],
  [["rollout", "hald", "web"], 2, /does not know what "hald" is to do; did you mean "halt"\?\n/],
  [["rollout", "web", "--reason", "x"], 2, /"dropship rollout" has no option "--reason"/],
  [["rollout", "limit", "web", "0"], 2, /whole number of hosts from 1 to 200, not "0"/],
  [["rollout", "limit", "web"], 2, /needs to know which number/],
  [
    ["rollout", "forget", "web", "web-44"],
    2,
    /^error: The rollout of service "web" knows no host "web-44"; did you mean "web-4"\?\n/,
  ],
  [
    ["rollout", "pause", "database"],
    1,
    /^error: There is no rollout of service "database" in consul [^\n]* yet\.\n {2}It begins/,
  ],
  [["plan", "database"], 1, /^error: No host of service "database" has reported in consul [^\n]* yet\.\n/],
  [["plan", "web", "--digest", "12"], 2, /A digest has 64 hexadecimal digits, not "12"/],
  [["rollout", "web", "--release", "1.2"], 2, /The option "--release" says something together with "--watch" only/],
  [["rollout", "--watch"], 2, /"dropship rollout --watch" needs to know which service/],
  [["rollout", "web", "--watch", "--timeout", "soon"], 2, /The option "--timeout" is a duration, not "soon"/],
] as const;

test("each mistake is one sentence and a remedy", async () => {
  await machine.fill("web", recordOf({ ok: tally("web-4") }));
  for (const [words, code, message] of mistakes) {
    const met = await machine.dropship(...words);

    assert.equal(met.code, code, `${words.join(" ")}: ${met.err}`);
    assert.match(met.err, message);
    assert.equal(met.err.split("\n").length, 3, met.err);
    assert.equal(met.out, "");
  }
});

test("a record that makes no sense, or that a newer version wrote, is said to be so; retry mends only the one that makes none", async () => {
  await machine.fill("web", "nonsense");
  const nonsense = await machine.dropship("rollout", "web");
  const mended = await machine.dropship("rollout", "retry", "web");
  await machine.fill("web", JSON.stringify({ schema: 2 }));
  const newer = await machine.dropship("rollout", "pause", "web");
  const kept = await machine.dropship("rollout", "retry", "web");

  assert.equal(nonsense.code, 1);
  assert.match(
    nonsense.err,
    /^error: The rollout record in consul [^\n]* cannot be read: it is not JSON\.\n[^\n]*"dropship rollout retry web"/,
  );
  assert.match(mended.out, /^web: canary \(was without a record\)\n/);
  assert.deepEqual([newer.code, kept.code], [1, 1]);
  assert.match(newer.err, /a newer version of Dropship wrote it[^\n]*\n[^\n]*upgrade this one/);
});

test("a store that does not answer is an error with what to try; nothing was changed", async () => {
  using nowhere = operatorMachine('lock "consul" {\n  address = "http://127.0.0.1:9"\n}\n');

  const { code, err } = await nowhere.dropship("rollout", "web");
  const listed = await nowhere.dropship("rollout");

  assert.equal(code, 5);
  assert.match(
    err,
    /^error: The store consul http:\/\/127\.0\.0\.1:9 [^\n]*\n {2}See whether this machine reaches it \("dropship doctor web"/,
  );
  assert.equal(listed.code, 5);
  assert.match(listed.out, /web +unknown\n/);
});

test("another group is another rollout", async () => {
  await machine.fill("web", recordOf());

  const { out, code } = await machine.dropship("rollout", "web", "--group", "us");

  assert.equal(code, 0);
  assert.match(out, /^web: no rollout yet\n[\s\S]*\n {2}group {8}us\n/);
});

test("in a pipe a watched rollout is a line for each change, until it is complete", async () => {
  await machine.fill("web", recordOf({ hosts: 2, ok: tally("web-1") }));
  const watching = machine.start("rollout", "web", "--watch");
  await until(() => watching.out().includes("1 of 2 hosts\n"), watching.out);
  await machine.fill("web", recordOf({ seq: 58, hosts: 2, ok: tally("web-1"), slots: { "web-2": slot() } }));
  await until(() => watching.out().includes("web-2 updating"), watching.out);
  await machine.fill("web", recordOf({ seq: 59, hosts: 2, ok: tally("web-1", "web-2"), phase: "complete" }));

  const { code, out, err } = await watching.ended;

  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(
    out
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/^\S+ \S+ {2}/, "")),
    [
      "web: rolling, 1.4.2 (3f9c2a718b01), 1 of 2 hosts",
      "web: rolling, 1.4.2 (3f9c2a718b01), 1 of 2 hosts, 1 slot taken: web-2 updating",
      "web: complete, 1.4.2 (3f9c2a718b01), 2 of 2 hosts",
    ],
  );
});

test("a rollout that is watched for another release goes on over the one before, and ends when it is halted", async () => {
  const other = "b".repeat(64);
  await machine.fill("web", recordOf({ phase: "complete", ok: tally("web-1", "web-2", "web-3") }));
  const watching = machine.start("rollout", "web", "--watch", "--json", "--release", other.slice(0, 8));
  await until(() => watching.out().includes('"complete"'), watching.out);
  const halt = { why: "failures", reason: "web-1: bad", at: Date.now() } as const;
  const release = { digest: other, artifact: "web.tar.gz" };
  await machine.fill("web", recordOf({ seq: 58, phase: "halted", halt, release }));

  const { code, out } = await watching.ended;

  const phases = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).summary.phase);
  assert.deepEqual([code, phases], [8, ["complete", "halted"]]);
});

test("watching ends when the time is over, or at Ctrl-C", async () => {
  await machine.fill("web", recordOf());
  const late = machine.dropship("rollout", "web", "--watch", "--timeout", "1s");
  const stopped = machine.start("rollout", "web", "--watch");
  await until(() => stopped.out() !== "", stopped.out);
  stopped.child.kill("SIGINT");

  assert.equal((await late).code, 75);
  assert.deepEqual([(await stopped.ended).code, (await stopped.ended).err], [130, ""]);
});

async function until(condition: () => boolean, seen: () => string): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    assert.ok(tries < 400, seen());
    await setTimeout(50);
  }
}

test("a plan tells the order, the times and how far a bad release gets", async () => {
  const names = hostNames(40);
  const reports = names.map((host) => reportOf(host, { at: Date.now(), usual: 30_000 }));
  await machine.fill("web", recordOf({ phase: "complete", hosts: 40, ok: tally(...names) }), reports);

  const told = await machine.dropship("plan", "web", "--digest", "b".repeat(64));
  const json = await machine.dropship("plan", "web", "--if-bad", "7", "--json");

  assert.equal(told.code, 0);
  assert.match(told.out, /^web: 40 hosts in about 20m 00s\n/);
  assert.match(told.out, /\n +1 {2}web-\d\d +at once +\+30\.0s +30\.0s {2}canary\n/);
  assert.match(told.out, /… and 25 more …/);
  assert.match(
    told.out,
    /\nIf the release is bad:\n {2}BAD FROM +HALTS +KEEP IT +WENT BACK +NEVER TOOK IT\n {2}1: web-\d\d +\+30\.0s +0 +1 +39\n/,
  );
  const plan = JSON.parse(json.out);
  assert.deepEqual(
    [plan.subject, plan.total, plan.hosts.length, plan.plan.limit],
    ["next", 1_200_000, 40, declared.limit && 1],
  );
  assert.deepEqual([plan.ifBad[0].place, plan.ifBad[0].onRelease.length, plan.ifBad[0].untouched.length], [6, 6, 33]);
});
