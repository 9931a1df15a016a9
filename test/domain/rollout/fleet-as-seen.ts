import type { RolloutRecord } from "../../../src/domain/rollout/record.ts";
import type { HostReport } from "../../../src/domain/rollout/report.ts";
import type { RolloutDeclaration } from "../../../src/domain/service.ts";

/** A fleet as an operator sees it: names, moments and contents are the same in every test. */

export const now = 1_800_000_000_000;
export const minute = 60_000;
export const newDigest = "3f9c2a718b01".padEnd(64, "c");
export const oldDigest = "a4d1e2f3b4c5".padEnd(64, "a");

export const declared: RolloutDeclaration = {
  where: "web.hcl:3:3",
  limit: { count: 1 },
  canary: 1,
  failureBudget: 0,
  abortBudget: 1,
  onHalt: "hold",
  group: "default",
  windows: [],
  lostAfter: 5 * minute,
};

export function recordOf(given: Partial<RolloutRecord> = {}): RolloutRecord {
  return {
    schema: 1,
    seq: 57,
    writer: { host: "web-1", operation: "o", event: "acquire" },
    release: { digest: newDigest, artifact: "s3://releases/web.tar.gz", version: "1.4.2", since: now - 14 * minute },
    phase: "rolling",
    plan: { limit: 1, canary: 1, failureBudget: 0, abortBudget: 1, onHalt: "hold" },
    hosts: 3,
    slots: {},
    ok: { count: 0, hosts: [] },
    reverted: { count: 0, hosts: [] },
    failed: [],
    aborted: [],
    denied: [],
    replaced: [],
    retries: 0,
    ...given,
  };
}

export function tally(...hosts: readonly string[]): RolloutRecord["ok"] {
  return { count: hosts.length, hosts };
}

export function slot(given: Partial<RolloutRecord["slots"][string]> = {}): RolloutRecord["slots"][string] {
  return {
    attempt: "attempt",
    digest: newDigest,
    purpose: "update",
    state: "updating",
    fenced: false,
    lostAfter: 5 * minute,
    since: now - 12_000,
    ...given,
  };
}

export function reportOf(host: string, given: Partial<HostReport> = {}): HostReport {
  return {
    format: 1,
    host,
    service: "web",
    at: now - 20_000,
    every: 5 * minute,
    agent: "0.1.0",
    running: { id: "1.4.1-a4d1e2f3b4c5", digest: oldDigest, version: "1.4.1" },
    state: "idle",
    floor: 50,
    ...given,
  };
}

/** "web-01" to "web-40": as many digits as the last has. */
export function hostNames(count: number): readonly string[] {
  const digits = String(count).length;
  return Array.from({ length: count }, (_, at) => `web-${String(at + 1).padStart(digits, "0")}`);
}
