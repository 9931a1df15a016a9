import { asFailure } from "../../domain/failures/failure.ts";
import type { RolloutRecord } from "../../domain/rollout/record.ts";
import { decodeRecord } from "../../domain/rollout/record-text.ts";
import type { HostReport } from "../../domain/rollout/report.ts";
import { decodeReport } from "../../domain/rollout/report-text.ts";
import { standingAt, type WindowStanding } from "../../domain/rollout/windows.ts";
import type { RolloutDeclaration, ServiceDeclaration } from "../../domain/service.ts";
import type { Store } from "../../drivers/stores/store.ts";
import type { Clock, Random } from "../../platform/ports.ts";
import { type CheckResult, probeStore, requireFit } from "../../rollout/capability.ts";
import { encodeName, type Space, spaceOf } from "../../rollout/keys.ts";
import { type Check, failed, failedWith, ok, type Verdict, warning } from "./finding.ts";

export interface RolloutPatient {
  readonly service: ServiceDeclaration;
  readonly rollout: RolloutDeclaration;
  /** This host's name in its fleet. */
  readonly host: string;
  /** An agent works on this host now. */
  readonly agentRuns: boolean;
  readonly create: () => Store;
  readonly random: Random;
  readonly clock: Clock;
}

/** What the hosts of a fleet need of the store where they meet. No record, beat or report is touched. */
export function rolloutChecks(patient: RolloutPatient): readonly Check[] {
  const { service, rollout, random, create } = patient;
  const space = spaceOf(service.name, rollout.group);
  const of = (name: string, deadline: number, run: (store: Store, signal: AbortSignal) => Promise<Verdict>): Check => ({
    name,
    service: service.name,
    deadline,
    run: (signal) => withStore(create, signal, run),
  });
  return [
    of("rollout store", 60_000, (store, signal) => tryPromises(store, space, random, signal)),
    of("rollout store: rights", 30_000, (store, signal) => tryRights(store, space, random, signal)),
    of("rollout record", 20_000, (store, signal) => readRecord(store, space, service.name, signal)),
    of("host name", 20_000, (store, signal) => judgeName(store, space, patient, signal)),
    ...(rollout.windows.length === 0 ? [] : [windowCheck(patient)]),
  ];
}

/** Windows are the one decision that the clock of a host makes. */
function windowCheck({ service, rollout, clock }: RolloutPatient): Check {
  return {
    name: "windows",
    service: service.name,
    deadline: 5_000,
    run: async () => judgeWindows(standingAt(rollout.windows, clock.wall())),
  };
}

function judgeWindows(standing: WindowStanding): Verdict {
  const inUtc = (at: number) =>
    new Date(at)
      .toISOString()
      .replace(/:\d\d\.\d+Z$/, " UTC")
      .replace("T", " ");
  if (standing.open) {
    return ok(
      standing.closesAt === undefined
        ? "Updates may begin now."
        : `Updates may begin now, until ${inUtc(standing.closesAt)}.`,
    );
  }
  if (standing.opensAt !== undefined)
    return ok(`No update begins before ${inUtc(standing.opensAt)}, when the next window opens.`);
  return warning("None of the windows opens within two weeks.", "Look at their days in the configuration.");
}

async function withStore(
  create: () => Store,
  signal: AbortSignal,
  run: (store: Store, signal: AbortSignal) => Promise<Verdict>,
): Promise<Verdict> {
  let store: Store | undefined;
  try {
    store = create();
    return await run(store, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    return failedWith(asFailure(thrown).note);
  } finally {
    store?.close();
  }
}

async function tryPromises(store: Store, space: Space, random: Random, signal: AbortSignal): Promise<Verdict> {
  const results = await probeStore(store, space, random, signal);
  const parts = results.map(({ check, passed, observed }) => ({ check, passed, observed }));
  return { ...judgePromises(store, results), parts };
}

function judgePromises(store: Store, results: readonly CheckResult[]): Verdict {
  try {
    requireFit(store.place, results);
  } catch (thrown) {
    return failedWith(asFailure(thrown).note);
  }
  const sentence = `${store.place} keeps what rollouts need (${results.length} checks).`;
  if (store.safety === "strict") return ok(sentence);
  return warning(
    `${sentence} It is best-effort: it may lose a write that it has acknowledged.`,
    "Make it keep every write (appendfsync always, no failover to a replica), or take Consul, etcd or S3.",
  );
}

/** Beats and reports are put, listed and removed beside the record; tried with a name that no host has. */
async function tryRights(store: Store, space: Space, random: Random, signal: AbortSignal): Promise<Verdict> {
  const key = `${space.beats}${encodeName(`doctor ${random.name()}`)}`;
  await store.put(key, new TextEncoder().encode("{}"), signal);
  try {
    const keys = await store.list(space.beats, signal);
    await store.list(space.reports, signal);
    if (keys.includes(key)) return ok(`Beats and reports can be written, listed and removed in ${store.place}.`);
  } finally {
    // Also when the check was given up: its own deadline bounds it.
    await store.remove(key, new AbortController().signal);
  }
  return failed(
    `${store.place} does not list what was just written to it.`,
    "Give this host the right to list there too, and look at what stands between it and the store.",
  );
}

async function readRecord(store: Store, space: Space, service: string, signal: AbortSignal): Promise<Verdict> {
  const found = await store.read(space.record, signal);
  if (found === undefined)
    return ok(`There is no rollout of "${service}" in ${store.place} yet; the first upload begins one.`);
  try {
    return judgeRecord(service, decodeRecord(found.bytes, store.place));
  } catch (thrown) {
    const newer = "Upgrade this host if a newer Dropship wrote it";
    return failed(asFailure(thrown).message, `${newer}; else restore it, or say "dropship rollout retry ${service}".`);
  }
}

function judgeRecord(service: string, { seq, phase, halt }: RolloutRecord): Verdict {
  const sentence = `The rollout record of "${service}" can be read: number ${seq}, ${phase}${halt ? ` (${halt.reason})` : ""}.`;
  if (phase !== "halted" && phase !== "paused") return ok(sentence);
  return warning(sentence, `Nothing is updated meanwhile; "dropship rollout ${service}" tells what ends it.`);
}

/** A host that reports under this name while no agent runs here is another one. */
async function judgeName(
  store: Store,
  space: Space,
  { host, agentRuns, clock }: RolloutPatient,
  signal: AbortSignal,
): Promise<Verdict> {
  const remedy = 'Give each host a name of its own: hostnamectl set-hostname, or host = "…" in the main file.';
  if (/^localhost(?:\.|$)/i.test(host)) return warning(`This host would be known to its fleet as "${host}".`, remedy);
  const found = await store.read(`${space.reports}${encodeName(host)}`, signal);
  const report = found && readable(found.bytes);
  if (!agentRuns && report !== undefined && clock.wall() - report.at < report.every)
    return warning(
      `No agent runs here, and yet "${host}" reported less than ${Math.ceil(report.every / 60_000)} min ago: another host may have this name.`,
      `${remedy} If the agent of this host was stopped just now, all is well.`,
    );
  return ok(`This host is known to its fleet as "${host}".`);
}

/** What nobody can read says nothing of the name. */
function readable(bytes: Uint8Array): HostReport | undefined {
  try {
    return decodeReport(bytes);
  } catch {
    return undefined;
  }
}
