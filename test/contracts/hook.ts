import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schema, Values } from "../../src/domain/options.ts";
import type { DriverDefinition } from "../../src/drivers/driver.ts";
import type { Hook, HookContext, HookPorts } from "../../src/drivers/hooks/hook.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { createHttpClient } from "../../src/platform/http.ts";
import { createProcesses } from "../../src/platform/processes.ts";
import { systemRandom } from "../../src/platform/random.ts";

const silent = { log() {}, with: () => silent };

/** The real ports, as the agent gives them to a hook that stands at web.hcl:12:3. */
export const hookPorts: HookPorts = {
  where: "web.hcl:12:3",
  http: createHttpClient(),
  processes: createProcesses({ clock: systemClock, random: systemRandom }),
  conceal: (text) => text,
  clock: systemClock,
  random: systemRandom,
  logger: silent,
};

export const digest = "0123456789abcdef".repeat(4);

/** What a hook is told about the update of service "web". */
export function hookContext(changes: Partial<HookContext> = {}): HookContext {
  return {
    stage: "after",
    data: { Name: "web", Hash: digest, Hostname: "host1", Version: "1.2.3" },
    environment: { DROPSHIP_SERVICE: "web", DROPSHIP_HASH: digest },
    directory: "/",
    signal: new AbortController().signal,
    ...changes,
  };
}

/** The options as the configuration decoder gives them: written values decoded, the others by default. */
export function decoded<Options extends Schema>(options: Options, written: Record<string, unknown>): Values<Options> {
  const unknown = Object.keys(written).filter((key) => !(key in options));
  assert.deepEqual(unknown, []);
  const entries = Object.entries(options).map(([key, option]) => {
    if (written[key] === undefined) return [key, option.default];
    const result = option.decode(written[key] as never);
    assert.ok("value" in result, `${key}: expected ${"expected" in result ? result.expected : ""}`);
    return [key, result.value];
  });
  return Object.fromEntries(entries) as Values<Options>;
}

/** What every hook promises, whatever it does. `good` and `bad`: options under which it succeeds and fails. */
export function hookContract<Options extends Schema>(
  definition: DriverDefinition<Options, HookPorts, Hook>,
  written: { readonly good: () => Record<string, unknown>; readonly bad: () => Record<string, unknown> },
): void {
  const create = (options: Record<string, unknown>) =>
    definition.create(decoded(definition.options, options), hookPorts);

  test("names itself with its place in the configuration", () => {
    assert.equal(create(written.good()).label, `${definition.name} (web.hcl:12:3)`);
  });

  test("says that it is done, and how long it took", async () => {
    const result = await create(written.good()).run(hookContext());

    assert.deepEqual([result.outcome, result.failure], ["done", undefined]);
    assert.ok(result.duration > 0);
  });

  test("says why it failed instead of throwing", async () => {
    const result = await create(written.bad()).run(hookContext());

    assert.equal(result.outcome, "failed");
    assert.match(result.failure?.code ?? "", /^hook-/);
    assert.match(result.failure?.sentence ?? "", /web\.hcl:12:3/);
    assert.ok(result.duration > 0);
  });

  test("ends when it is told to stop, without throwing", async () => {
    const result = await create(written.good()).run(hookContext({ signal: AbortSignal.abort(new Error("stop")) }));

    assert.equal(result.outcome, "failed");
  });
}
