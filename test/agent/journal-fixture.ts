import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournal } from "../../src/agent/journal/open-journal.ts";
import { failure } from "../../src/domain/failures/failure.ts";
import type { UpdateRecord } from "../../src/update/record.ts";
import { blankState, pinned, type ServiceState } from "../../src/update/service-state.ts";

export interface Folder extends Disposable {
  readonly path: string;
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "dropship-journal-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export const open = (folder: Folder) => openJournal({ folder: folder.path, wall: () => 1_700_000_000_000 });

const release = (letter: string) => ({
  id: letter.repeat(12),
  digest: letter.repeat(64),
  size: 1000,
  stagedAt: 1,
});

export function record(service: string, id: string, change: Partial<UpdateRecord> = {}): UpdateRecord {
  return {
    format: 1,
    id,
    service,
    intent: "update",
    state: "fetching",
    starts: 1,
    attempt: 1,
    startedAt: 1000,
    evidence: [],
    ...change,
  };
}

export const ended = (service: string, id: string, change: Partial<UpdateRecord> = {}): UpdateRecord =>
  record(service, id, { state: "idle", starts: 0, outcome: "updated", endedAt: 2000, ...change });

/** A service with a past: it runs "a", "b" was bad, and it is pinned. */
export function rememberedState(service: string): ServiceState {
  const reason = failure("service-unhealthy", { service, reason: "no answer." }).note;
  return {
    ...pinned(blankState(service), release("a").id),
    current: release("a"),
    good: [release("a").id],
    denied: [{ digest: release("b").digest, reason, at: 5 }],
  };
}
