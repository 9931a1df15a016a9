import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { recordOf, reportOf, slot, tally } from "../domain/rollout/fleet-as-seen.ts";
import { administer } from "../drivers/stores/buckets.ts";
import { type Ceph, startCeph } from "../servers/ceph.ts";
import { type OperatorMachine, operatorMachine } from "./operator-machine.ts";

let ceph: Ceph;
before(async () => {
  ceph = await startCeph({ version: "20" });
  await administer(ceph.endpoint, ceph, "PUT", "/releases");
});
after(() => ceph[Symbol.asyncDispose]());

function besideObject(): OperatorMachine {
  const { endpoint, accessKey, secretKey } = ceph;
  const repo = `repo "s3" {\n  endpoint = "${endpoint}"\n  accessKey = "${accessKey}"\n  secret = "${secretKey}"\n}\n`;
  return operatorMachine(repo, (name) => `"s3" {\n    bucket = "releases"\n    path = "${name}.tar.gz"`);
}

for (const [where, place, machineAt] of [
  ["in a folder beside the artifact", /folder \S+web\.tar\.gz\.rollout/, () => operatorMachine("")],
  ["in the bucket of the artifact", /releases\S*web\.tar\.gz/, besideObject],
] as const) {
  describe(`hosts that meet ${where}`, () => {
    it("are shown, spoken to, planned for, forgotten and watched as with any other store", async () => {
      using machine = machineAt();
      const report = reportOf("web-3", { at: Date.now() });
      await machine.fill("web", recordOf({ ok: tally("web-1"), slots: { "web-2": slot({ state: "broken" }) } }), [
        report,
      ]);

      const shown = await machine.dropship("rollout", "web");
      const paused = await machine.dropship("rollout", "pause", "web", "--reason", "a migration");
      const resumed = await machine.dropship("rollout", "resume", "web");
      const forgotten = await machine.dropship("forget", "web-2", "--service", "web");
      const plan = await machine.dropship("plan", "web");
      const watching = machine.start("rollout", "web", "--watch", "--timeout", "40s");
      const record = await machine.record("web");
      await machine.fill("web", { ...record, seq: record.seq + 1, phase: "complete", ok: tally("web-1", "web-3") });

      assert.equal(shown.code, 0, shown.err);
      assert.match(shown.out, place);
      assert.match(shown.out, /\n {2}web-2 +broken /);
      assert.equal(paused.out.split("\n")[0], "web: paused (was rolling)");
      assert.equal(resumed.out, "web: rolling (was paused)\n");
      assert.match(
        forgotten.out,
        /^web: forgot web-2; its slot \(broken, for [^)]*\) is free\n {2}2 hosts are counted/,
      );
      assert.match(plan.out, /^web: rolling, 1 more host in about [^\n]*, by a guess\n/);
      const { code, out } = await watching.ended;
      assert.equal(code, 0, out);
      assert.match(out, /web: complete, 1\.4\.2 \(3f9c2a718b01\), 2 of 2 hosts\n$/);
    });
  });
}
