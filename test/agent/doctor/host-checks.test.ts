import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeLimits, judgeNode } from "../../../src/agent/doctor/host-checks.ts";

for (const [version, machine, result] of [
  ["26.10.0", "x64", "ok"],
  ["26.0.0", "arm64", "ok"],
  ["26.10.0", "riscv64", "warning"],
  ["24.1.0", "x64", "warning"],
] as const) {
  test(`Node ${version} on ${machine}: ${result}`, () => {
    assert.equal(judgeNode(version, machine).result, result);
  });
}

for (const [limit, result] of [
  ["256", "warning"],
  ["1024", "ok"],
  ["unlimited", "ok"],
] as const) {
  test(`${limit} open files: ${result}`, () => {
    const limits = `Max processes             62987                62987                processes\nMax open files            ${limit}                 524288               files\n`;

    assert.equal(judgeLimits(undefined, limits).result, result);
  });
}

test("the limit of a running agent is told as the agent's", () => {
  assert.match(
    judgeLimits(7, "Max open files  100  100  files\n").sentence,
    /The running agent \(process 7\) may have 100/,
  );
  assert.equal(judgeLimits(7, "").result, "ok");
});
