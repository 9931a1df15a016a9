import type { Milliseconds } from "../domain/duration.ts";
import { asFailure, type Failure } from "../domain/failures/failure.ts";
import { type RetryRule, retryWait } from "../domain/retry.ts";
import type { RolloutEvent } from "../domain/rollout/events.ts";
import { next } from "../domain/rollout/rules.ts";
import { slotOf } from "../domain/rollout/standing.ts";
import { hostsBefore } from "../domain/rollout/turn-order.ts";
import { type Waiting, waitingForRecord, waitingForStore, waitingForWindow } from "../domain/rollout/waiting.ts";
import { standingAt } from "../domain/rollout/windows.ts";
import { changeRecord } from "./change-record.ts";
import type { HeldSlot, SlotRequest } from "./coordinator.ts";
import { type Fleet, type Look, notYet, refused } from "./fleet.ts";
import { createFollower, type Follower } from "./follow.ts";
import { startRollout } from "./start-rollout.ts";

const troubleWaits: RetryRule = { first: 2_000, cap: 30_000, tries: 1, longestAsked: 0 };
/** The wall clock may jump: a window is judged again after so long. */
const longestSleep: Milliseconds = 60_000;

/** Waits for a slot, for as long as it takes. Rejects only with the signal's reason. */
export async function acquireSlot(
  fleet: Fleet,
  request: SlotRequest,
  signal: AbortSignal,
  onWaiting: (waiting: Waiting) => void,
): Promise<HeldSlot> {
  const { reader, observer } = fleet;
  const follower = createFollower(reader, fleet.host);
  const say = onlyNews(onWaiting);
  for (let troubles = 0; ; ) {
    signal.throwIfAborted();
    try {
      const look = await lookOnce(fleet, request, follower, signal);
      if ("held" in look) return look.held;
      troubles = 0;
      say(look.waiting);
      await pause(fleet, follower, look, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      observer.blind();
      reader.forget();
      troubles += 1;
      const problem = asFailure(thrown);
      // One old answer of a store with several servers is no reason for an alarm.
      if (problem.code !== "record-vanished" || troubles > 1) say(troubleOf(problem));
      await reader.clock.sleep(1 + retryWait(troubleWaits, troubles, reader.random.fraction(), undefined), signal);
    }
  }
}

async function lookOnce(fleet: Fleet, request: SlotRequest, follower: Follower, signal: AbortSignal): Promise<Look> {
  const { reader, host } = fleet;
  const seen = await reader.read(signal);
  // A slot that it holds already is taken up again at any time.
  const holds = seen.record !== undefined && slotOf(seen.record, host)?.attempt === request.attempt;
  const closed = holds ? undefined : closedWindow(fleet, request);
  if (closed !== undefined) return closed;
  const update = request.purpose === "update";
  if (!holds && update && seen.record?.release?.digest !== request.digest) {
    const blocked = await startRollout(fleet, request, follower, seen, signal);
    if (blocked !== undefined) return blocked;
  }
  return take(fleet, request, follower, signal);
}

/** The record speaks of the wanted release: asks the rules, and writes when it is this host's turn. */
async function take(fleet: Fleet, request: SlotRequest, follower: Follower, signal: AbortSignal): Promise<Look> {
  const { reader, host } = fleet;
  const event = acquireEvent(fleet, request);
  const { record, version } = reader.last() ?? (await reader.read(signal));
  if (record !== undefined) {
    const verdict = next(record, event, { host, operation: "", at: reader.clock.wall() });
    if (verdict.verdict === "settled") return { held: { seq: record.seq } };
    if (verdict.verdict === "refused") return refused(fleet, request, verdict.why, record, version);
    if (!follower.mayAsk(record)) return { waiting: notYet, why: "free", record, version };
  }
  const changed = await changeRecord(reader, { event, by: host, patience: 0 }, signal);
  if (changed.outcome !== "refused" && changed.record !== undefined) return { held: { seq: changed.record.seq } };
  const now = reader.last();
  const why = changed.outcome === "refused" ? changed.why : "other-release";
  return refused(fleet, request, why, changed.record, now?.version);
}

function acquireEvent({ host, declaration }: Fleet, request: SlotRequest): RolloutEvent {
  const { attempt, digest, purpose, ownEnded, proven = false } = request;
  const { lostAfter } = declaration;
  return { type: "acquire", host, attempt, digest, purpose, lostAfter, ownEnded, ...(proven && { proven }) };
}

/** A host that goes back from a halted release waits for no window: it is bad where it is. */
function closedWindow({ declaration, reader }: Fleet, { purpose }: SlotRequest): Look | undefined {
  const now = reader.clock.wall();
  const standing = standingAt(declaration.windows, now);
  if (standing.open || purpose === "revert") return undefined;
  const { opensAt } = standing;
  const until = Math.max(1000, Math.min(longestSleep, (opensAt ?? Number.POSITIVE_INFINITY) - now));
  return { waiting: waitingForWindow(opensAt, now), why: "window", until };
}

async function pause(
  { reader, observer, host }: Fleet,
  follower: Follower,
  look: Exclude<Look, { held: HeldSlot }>,
  signal: AbortSignal,
): Promise<void> {
  if (look.why === "window") {
    await reader.clock.sleep(look.until, signal);
    return;
  }
  const near = hostsBefore(look.record, host) === 0;
  const lost = await observer.look(look.record, near, signal);
  for (const holder of lost) {
    await changeRecord(reader, { event: { type: "lost", ...holder }, by: host, patience: 0 }, signal);
  }
  if (lost.length > 0) return;
  await follower.pause(look.why, look.record, look.version, observer.dueIn(look.record, near), signal);
}

function troubleOf(problem: Failure): Waiting {
  return problem.code === "record-vanished" ? waitingForRecord(problem.note) : waitingForStore(problem.note);
}

/** Sentences may count the time: news is another reason, or another remedy. */
function onlyNews(onWaiting: (waiting: Waiting) => void): (waiting: Waiting) => void {
  let said = "";
  return (waiting) => {
    const news = waiting.why === "store" ? `store ${waiting.sentence}` : `${waiting.why} ${waiting.remedy ?? ""}`;
    if (news === said) return;
    said = news;
    onWaiting(waiting);
  };
}
