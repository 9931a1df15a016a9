import assert from "node:assert/strict";
import type { Attempt } from "../../src/agent/operations.ts";
import { failedKept, type RolloutRecord } from "../../src/domain/rollout/record.ts";
import { until } from "../agent/fixture.ts";
import { type Fleet, patience } from "./fleet.ts";

const failures: ReadonlySet<Attempt["outcome"]> = new Set(["rolled-back", "withdrawn", "broken"]);

/** Fails unless the record, at rest, says of its last release and of all failures what the hosts say themselves. */
export async function assertTallies(fleet: Fleet): Promise<void> {
  const record = await atRest(fleet);
  const names = fleet.hosts.map(({ name }) => name);
  assert.deepEqual(record.ok.hosts.toSorted(), names.toSorted(), "each host is counted once, and well");
  assert.equal(record.ok.count, names.length);
  const running = await Promise.all(
    fleet.hosts.map(async ({ agent }) => (await agent?.operations.status("web"))?.[0]?.running?.digest),
  );
  assert.deepEqual(
    running,
    names.map(() => record.release?.digest),
  );

  const attempts = (await Promise.all(fleet.hosts.map((host) => failedOf(host.agent, host.name)))).flat();
  const told = new Map(attempts.map(({ id, host, target }) => [id, `${host} ${target?.digest}`]));
  const counted = record.failed.map(({ attempt }) => attempt);
  assert.equal(new Set(counted).size, counted.length, "no failure is counted twice");
  for (const { attempt, host, digest } of record.failed) {
    assert.equal(told.get(attempt), `${host} ${digest}`, `attempt ${attempt} is one of that host's that failed`);
  }
  if (counted.length < failedKept) assert.deepEqual([...told.keys()].toSorted(), counted.toSorted(), "none is missing");
}

async function failedOf(agent: Fleet["hosts"][number]["agent"], host: string) {
  const history = (await agent?.operations.history("web", 1000)) ?? [];
  return history.filter(({ outcome }) => failures.has(outcome)).map((attempt) => ({ ...attempt, host }));
}

/** Once everybody has reported. */
async function atRest(fleet: Fleet): Promise<RolloutRecord> {
  let record: RolloutRecord | undefined;
  const rests = async () => {
    record = (await fleet.overview()).record;
    const { phase, slots = {}, ok } = record ?? {};
    return phase === "complete" && Object.keys(slots).length === 0 && ok?.count === fleet.hosts.length && record;
  };
  return await until("the rollout is complete, and nobody is in it", rests, patience).catch((thrown) => {
    throw new Error(`${thrown.message}\n${JSON.stringify(record, null, 1)}`, { cause: thrown });
  });
}
