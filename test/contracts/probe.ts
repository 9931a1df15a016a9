import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schema } from "../../src/domain/options.ts";
import type { DriverDefinition } from "../../src/drivers/driver.ts";
import type { Probe, ProbeAnswer, ProbeContext, ProbePorts } from "../../src/drivers/probes/probe.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { connect } from "../../src/platform/connect.ts";
import { decoded, hookPorts } from "./hook.ts";

/** The real ports, as the agent gives them to a probe that stands at web.hcl:20:3. */
const probePorts: ProbePorts = { ...hookPorts, where: "web.hcl:20:3", connect };

/** One look with a deadline, as the watch over a service does it. */
export async function look<Options extends Schema>(
  definition: DriverDefinition<Options, ProbePorts, Probe>,
  written: Record<string, unknown>,
  { timeout = 10_000, ...changes }: Partial<ProbeContext> = {},
): Promise<ProbeAnswer> {
  using limit = systemClock.deadline(timeout, () => new Error("the time of the probe is over"));
  const probe = definition.create(decoded(definition.options, written), probePorts);
  return await probe.check({ environment: {}, directory: "/", signal: limit.signal, timeout, ...changes });
}

/** What every probe promises. Options under which the service is healthy, is not, and does not answer at all. */
export function probeContract<Options extends Schema>(
  definition: DriverDefinition<Options, ProbePorts, Probe>,
  written: Readonly<Record<"healthy" | "unhealthy" | "silent", () => Record<string, unknown>>>,
): void {
  test("names itself with its place in the configuration", () => {
    const probe = definition.create(decoded(definition.options, written.healthy()), probePorts);

    assert.match(probe.label, new RegExp(`^health ${definition.name} .*\\(web\\.hcl:20:3\\)$`));
  });

  test("answers in one line with the time it took", async () => {
    const answer = await look(definition, written.healthy());

    assert.equal(answer.healthy, true, answer.detail);
    assert.match(answer.detail, /^[^\n]+ \(\d+m?s\)$/);
  });

  test("answers for an unhealthy service instead of throwing", async () => {
    const answer = await look(definition, written.unhealthy());

    assert.equal(answer.healthy, false);
    assert.match(answer.detail, /^[^\n]+ \(\d+m?s\)$/);
  });

  test("answers in time for a service that does not", async () => {
    const begin = performance.now();
    const answer = await look(definition, written.silent(), { timeout: 200 });

    assert.equal(answer.healthy, false);
    assert.match(answer.detail, /in time|too long/);
    assert.ok(performance.now() - begin < 4000);
  });
}
