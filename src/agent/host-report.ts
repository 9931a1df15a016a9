import manifest from "../../package.json" with { type: "json" };
import type { Release } from "../domain/release.ts";
import type { HostReport } from "../domain/rollout/report.ts";
import { rolloutOf } from "../update/rollout-state.ts";
import { unproven } from "../update/service-state.ts";
import { reportEvery } from "./host-reporter.ts";
import type { Journal } from "./journal/journal.ts";
import type { Attempt } from "./operations.ts";
import type { Stage } from "./stage.ts";

export interface ReportFacts {
  readonly host: string;
  readonly service: string;
  readonly at: number;
  readonly stage: Stage;
  readonly journal: Journal;
}

/** The last update that went well is looked for among so many. */
const remembered = 20;

/** How a service fares, in the words that its fleet is told. */
export function hostReport({ host, service, at, stage, journal }: ReportFacts): HostReport {
  const state = journal.service(service);
  const { current } = state;
  const wanted = journal.unfinished().find((update) => update.service === service)?.target?.digest;
  const last = journal.attempt(service);
  const usual = journal.history(service, remembered).find(({ outcome, held }) => outcome === "updated" && held)?.held;
  return {
    format: 1,
    host,
    service,
    at,
    every: reportEvery,
    agent: manifest.version,
    state: stage.phase,
    floor: rolloutOf(state).floor,
    ...(current && { running: runningOf(current) }),
    ...(unproven(state) && { unproven: true }),
    ...(wanted !== undefined && { wanted }),
    ...(stage.waiting && { waiting: stage.waiting }),
    ...(last && { last: lastOf(last) }),
    ...(usual !== undefined && { usual }),
  };
}

function runningOf({ id, digest, version }: Release): NonNullable<HostReport["running"]> {
  return { id, digest, ...(version !== undefined && { version }) };
}

function lastOf({ id, outcome, endedAt, held, downtime, failure }: Attempt): NonNullable<HostReport["last"]> {
  return {
    attempt: id,
    outcome,
    endedAt,
    ...(held !== undefined && { held }),
    ...(downtime !== undefined && { downtime }),
    ...(failure && { reason: failure.sentence }),
  };
}
