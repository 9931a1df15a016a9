import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../src/agent/doctor/finding.ts";
import type { AgentDoors } from "../../src/cli/agent-doors.ts";
import { tryCommand } from "./in-memory-agent.ts";

const good: Finding = { check: "node", result: "ok", sentence: "This is Node 26." };
const odd: Finding = { check: "clock", result: "warning", sentence: "It is late.", remedy: "Set it." };
const bad: Finding = {
  check: "rollout store",
  service: "web",
  result: "failed",
  sentence: "It is no good.",
  remedy: "Name another.",
  parts: [
    { check: "create when absent", passed: true, observed: "" },
    { check: "no swap at an old version", passed: false, observed: "it was accepted" },
  ],
};

function finding(...findings: readonly Finding[]): Partial<AgentDoors> {
  return {
    async examine({ onFinding }) {
      for (const one of findings) onFinding(one);
    },
  };
}

test("the doctor tells each check with what was seen and what to do, and counts them", async () => {
  const { code, out } = await tryCommand({ words: ["doctor"], doors: finding(good, odd, bad) });

  assert.equal(code, 1);
  assert.equal(
    out,
    `ok       configuration
         /etc/dropship.d/dropship.hcl is good: 1 service.
ok       node
         This is Node 26.
warning  clock
         It is late.
         → Set it.
failed   web: rollout store
         It is no good.
         - no swap at an old version: it was accepted
         → Name another.

4 checks: 2 ok, 1 warning, 1 failed
`,
  );
});

test("warnings alone are no failure", async () => {
  const { code } = await tryCommand({ words: ["doctor", "web"], doors: finding(good, odd) });

  assert.equal(code, 0);
});

test("quiet tells only what is not well", async () => {
  const { out } = await tryCommand({ words: ["doctor", "--quiet"], doors: finding(good, odd) });

  assert.equal(out, "warning  clock\n         It is late.\n         → Set it.\n");
});

test("a program gets every finding, with each named part", async () => {
  const { out } = await tryCommand({ words: ["doctor", "--json"], doors: finding(bad) });
  const { findings } = JSON.parse(out) as { findings: Finding[] };

  assert.deepEqual(findings[1], bad);
  assert.equal(findings[0]?.check, "configuration");
});

test("a configuration that is refused is the finding, and nothing else is tried", async () => {
  const { code, out } = await tryCommand({
    words: ["doctor"],
    config: "service {",
    doors: { examine: () => Promise.reject(new Error("tried")) },
  });

  assert.equal(code, 4);
  assert.match(out, /^failed {3}configuration\n {9}\/etc\/dropship\.d\/dropship\.hcl is refused: /);
  assert.match(out, /→ Run "dropship validate --config/);
});

test("a service that is not declared is a mistake, not a finding", async () => {
  const { code, err } = await tryCommand({ words: ["doctor", "wbe"], doors: finding(good) });

  assert.notEqual(code, 0);
  assert.match(err, /did you mean "web"/);
});
