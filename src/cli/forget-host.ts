import type { FleetDesk } from "../agent/fleet-desk.ts";
import { didYouMean } from "../domain/did-you-mean.ts";
import { type Failure, failure } from "../domain/failures/failure.ts";
import { slotOf } from "../domain/rollout/standing.ts";
import type { Operated, OperatorWord } from "../rollout/operate.ts";
import type { RolloutOverview } from "../rollout/overview.ts";
import type { Vigil } from "../rollout/sign-of-life.ts";
import { targetOf } from "./fleet-view.ts";
import type { Screen } from "./screen.ts";

type Forget = Extract<OperatorWord, { readonly type: "forget" }>;

export interface ForgetOptions {
  /** Also a host that is alive. */
  readonly force: boolean;
  readonly screen: Screen;
  readonly now: () => number;
}

/** Every host that a rollout has heard of. */
export function knownHosts({ record, reports }: RolloutOverview): ReadonlySet<string> {
  const { slots = {}, ok, failed = [], aborted = [] } = record ?? {};
  const named = [...Object.keys(slots), ...(ok?.hosts ?? []), ...failed.map(({ host }) => host), ...aborted];
  return new Set([...reports.map(({ host }) => host), ...named]);
}

/**
 * Forgets a host, unless it is in the middle of an update and alive. Fails with "rollout-host-unknown",
 * "rollout-host-alive" or "rollout-missing".
 */
export async function forgetHost(desk: FleetDesk, word: Forget, options: ForgetOptions): Promise<Operated> {
  for (let tries = 0; tries < 2; tries += 1) {
    const operated = await forgetAsSeen(desk, word, options);
    if (operated !== undefined) return operated;
  }
  // It ended one update after the other.
  throw alive(desk, word);
}

function alive(desk: FleetDesk, { host }: Forget): Failure {
  return failure("rollout-host-alive", { service: desk.service.name, target: targetOf(desk), host });
}

/** Undefined: meanwhile it ended what it was in the middle of, so that all of it is to be looked at anew. */
async function forgetAsSeen(desk: FleetDesk, word: Forget, options: ForgetOptions): Promise<Operated | undefined> {
  const seen = await desk.look();
  const { record } = seen;
  const service = desk.service.name;
  if (record === undefined) throw failure("rollout-missing", { service, place: desk.place });
  const known = knownHosts(seen);
  if (!known.has(word.host)) {
    throw failure("rollout-host-unknown", { service, host: word.host, hint: didYouMean(word.host, known) });
  }
  const vigil = options.force ? "silent" : await vigilOver(desk, seen, word, options);
  if (vigil === "over") return undefined;
  if (vigil === "alive") throw alive(desk, word);
  const named = seen.reports.some(({ host }) => host === word.host) || record.ok.hosts.includes(word.host);
  const holds = slotOf(record, word.host) !== undefined || record.aborted.includes(word.host);
  // It failed once, and there is nothing else of it.
  if (!named && !holds) return { changed: false, before: record, after: record };
  return await desk.say(word);
}

async function vigilOver(
  desk: FleetDesk,
  { record, beats }: RolloutOverview,
  { host }: Forget,
  { screen, now }: ForgetOptions,
): Promise<Vigil> {
  const slot = record && slotOf(record, host);
  if (slot === undefined || slot.state === "broken") return "silent";
  const beat = beats.find((one) => one.host === host);
  // The others watched it for so long already, by their own clocks.
  if (slot.state === "lost" && (beat === undefined || now() - beat.at > slot.lostAfter)) return "silent";
  screen.remark(`${host} holds a slot of ${desk.service.name}: looking for a sign of life, for up to 35 s`);
  return await desk.watchHolder(host, slot);
}
