import { asFailure } from "../../domain/failures/failure.ts";
import type { Configuration, ServiceDeclaration } from "../../domain/service.ts";
import type { AgentPorts } from "../agent-ports.ts";
import { type LockHolder, lockHolder } from "../lock.ts";
import { storeOf } from "../store-of.ts";
import { createTurns } from "../turns.ts";
import { type Knowledge, repositoryOf } from "../wiring.ts";
import { clockCheck, type WatchedClient, watchClocks } from "./clock-check.ts";
import { placeChecks, stateChecks } from "./disk-checks.ts";
import { type Check, type Finding, failed, type Verdict } from "./finding.ts";
import { hostChecks } from "./host-checks.ts";
import { rolloutChecks } from "./rollout-checks.ts";
import { hookCheck, repositoryCheck } from "./service-checks.ts";

export interface ExamineOptions {
  readonly configuration: Configuration;
  /** Which services; all of them when undefined. */
  readonly services: readonly ServiceDeclaration[];
  readonly ports: AgentPorts;
  /** Aborts when the person gives up. */
  readonly stop: AbortSignal;
  /** Called with each finding, in the order of the checks. */
  readonly onFinding: (finding: Finding) => void;
}

/** So many checks at a time. */
const atOnce = 8;

/**
 * Tries everything that an update of these services would need, without an update: beside a running agent, which it does not
 * disturb, and without one. Ends within the deadlines of its checks, whatever hangs.
 */
export async function examine({ configuration, services, ports, stop, onFinding }: ExamineOptions): Promise<void> {
  const watched = watchClocks(ports.http, ports.clock);
  const holder = lockHolder(configuration.statePath);
  const checks = checksOf(configuration, services, { ...ports, http: watched.http }, holder);
  const turns = createTurns(atOnce);
  const results = checks.map(async (check) => {
    using _turn = await turns.take(stop);
    return await carryOut(check, ports, stop);
  });
  // A person sees the first results while the last are awaited; none of the later ones is left without a listener.
  const settled = Promise.allSettled(results);
  for (const result of results) onFinding(await result);
  await settled;
  onFinding(await carryOut(clockCheck(watched.offsets), ports, stop));
}

/** Whoever examines is bound by nothing that was taken before, and remembers nothing. */
const knowsNothing: Knowledge = { memory: { read: () => undefined, keep: () => undefined }, fleet: () => undefined };

function checksOf(
  { statePath, host }: Configuration,
  services: readonly ServiceDeclaration[],
  ports: AgentPorts & Pick<WatchedClient, "http">,
  holder: LockHolder | undefined,
): readonly Check[] {
  return [
    ...hostChecks(holder?.pid),
    ...stateChecks(statePath, ports.files),
    ...services.flatMap((service) => [
      ...placeChecks(service, ports.files),
      repositoryCheck(service, () => repositoryOf(service, ports, knowsNothing)),
      ...[hookCheck(service)].filter((check) => check !== undefined),
      ...fleetChecks(service, host ?? ports.hostname, ports, holder !== undefined),
    ]),
  ];
}

/** Of a host that updates on its own, there is nothing to check. */
function fleetChecks(
  service: ServiceDeclaration,
  host: string,
  ports: AgentPorts,
  agentRuns: boolean,
): readonly Check[] {
  const { rollout } = service;
  if (rollout === undefined) return [];
  return rolloutChecks({ ...ports, service, rollout, host, agentRuns, create: () => storeOf(service, ports) });
}

async function carryOut(check: Check, { clock, conceal }: AgentPorts, stop: AbortSignal): Promise<Finding> {
  const { name, service, deadline } = check;
  const named = { check: name, ...(service !== undefined && { service }) };
  const late = new Error("late");
  using limit = clock.deadline(deadline, () => late, stop);
  const over = Promise.withResolvers<never>();
  const ended = () => over.reject(limit.signal.reason);
  limit.signal.addEventListener("abort", ended, { once: true });
  if (limit.signal.aborted) ended();
  try {
    // The signal alone is not enough: a hung file system does not listen to it.
    const verdict = await Promise.race([check.run(limit.signal), over.promise]);
    return { ...named, ...concealed(verdict, conceal) };
  } catch (thrown) {
    stop.throwIfAborted();
    if (limit.signal.reason === late)
      return {
        ...named,
        ...failed(
          `There was no answer within ${deadline / 1000} s.`,
          "See whether a disk, a server or the network hangs.",
        ),
      };
    const { message, remedy } = asFailure(thrown);
    return { ...named, ...concealed(failed(message, remedy), conceal) };
  } finally {
    limit.signal.removeEventListener("abort", ended);
  }
}

/** What a server or a disk said may hold what must not be shown. */
function concealed(verdict: Verdict, conceal: AgentPorts["conceal"]): Verdict {
  const { sentence, remedy, parts } = verdict;
  return {
    ...verdict,
    sentence: conceal(sentence),
    ...(remedy !== undefined && { remedy: conceal(remedy) }),
    ...(parts && { parts: parts.map((part) => ({ ...part, observed: conceal(part.observed) })) }),
  };
}
