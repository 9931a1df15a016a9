import type { RolloutEvent } from "../../../src/domain/rollout/events.ts";
import { next } from "../../../src/domain/rollout/rules.ts";
import { isOpen, slotOf } from "../../../src/domain/rollout/standing.ts";
import { booked } from "./booked.ts";
import { type Machine, type Move, nothing, type Upload, type World } from "./world.ts";

/** Everything that may happen next in a world. */
export function movesOf(world: World): readonly Move[] {
  return [
    ...world.machines.flatMap((machine, place) => (machine.dead ? [] : machineMoves(world, machine, place))),
    ...world.flights.map(
      (flight): Move => ({
        name: `late ${flight.event.type} of ${flight.machine}`,
        take: () => apply(world, flight.machine, flight.event).world,
      }),
    ),
    ...(world.uploaded + 1 < world.fleet.uploads.length
      ? [{ name: "upload", take: () => ({ ...world, uploaded: world.uploaded + 1 }) }]
      : []),
    ...world.sent.map((event) => ({
      name: `${event.type} once more`,
      take: () => apply(world, undefined, event).world,
    })),
    ...(world.fleet.losses ? lossMoves(world) : []),
    ...(world.fleet.operators ? operatorMoves(world) : []),
  ];
}

function uploadOf(world: World, digest: string): Upload {
  const found = world.fleet.uploads.findLast((one) => one.digest === digest);
  if (found === undefined) throw new Error(`nobody uploaded ${digest}`);
  return found;
}

function changed(world: World, place: number, change: Partial<Machine>): World {
  return { ...world, machines: world.machines.with(place, { ...(world.machines[place] as Machine), ...change }) };
}

function machineMoves(world: World, machine: Machine, place: number): readonly Move[] {
  const moves: Move[] = [];
  const local = (name: string, change: Partial<Machine>) =>
    moves.push({ name: `${place} ${name}`, take: () => changed(world, place, change) });
  const send = (event: RolloutEvent) => moves.push(...sending(world, place, event));
  const { host, attempt, digest, stage } = machine;

  if (world.machines.filter((one) => one.dead).length < world.fleet.deaths) local("dies", { dead: true });
  if (stage === "idle") moves.push(...idleMoves(world, machine, place));
  if (stage === "acquiring") {
    const asked = acquireOf(world, machine);
    const verdict = next(world.record, asked, actor);
    const unknown = verdict.verdict === "refused" && (verdict.why === "other-release" || verdict.why === "nothing");
    send(unknown ? startOf(world, digest) : asked);
    local("gives up", { stage: "reporting", outcome: "released" });
  }
  if (stage === "holding") {
    // Its agent was started anew.
    send(acquireOf(world, machine));
    send({ type: "fence", host, attempt, digest });
    local("is stopped", { stage: "reporting", outcome: "released" });
    if (world.fleet.aborts) local("aborts", { stage: "reporting", outcome: "aborted" });
  }
  if (stage === "fenced") {
    // Nobody sees anything of a host between its fence and its report: one move.
    const quality = machine.purpose === "revert" ? "good" : uploadOf(world, digest).quality;
    const ends = { stage: "reporting" } as const;
    const runs = { running: digest, before: machine.running };
    if (quality !== "bad") local("switches and is well", { ...ends, ...runs, outcome: "ok" });
    if (quality !== "good") local("switches and goes back", { ...ends, outcome: "failed" });
    if (quality !== "good" && world.fleet.breaks) local("switches and breaks", { ...ends, outcome: "broken" });
  }
  if (stage === "reporting") send(finishOf(machine));
  return moves;
}

function idleMoves(world: World, machine: Machine, place: number): readonly Move[] {
  const wanted = world.fleet.uploads[world.uploaded]?.digest ?? nothing;
  const held = world.record && slotOf(world.record, machine.host);
  // Its agent gives back what it sees of its own before it does anything else; a broken slot waits for the next attempt.
  if (held !== undefined && held.state !== "broken" && endedOf(machine)(held.attempt)) {
    return sending(world, place, finishOf({ ...machine, attempt: held.attempt, outcome: "released" }));
  }
  if (machine.running === wanted && !mustRevert(world, machine)) {
    return sending(world, place, { type: "present", host: machine.host, digest: wanted });
  }
  if (mustRevert(world, machine)) return [beginning(world, place, { digest: machine.before, purpose: "revert" })];
  if (machine.refused.includes(wanted)) return [];
  return [beginning(world, place, { digest: wanted, purpose: "update" })];
}

function beginning(world: World, place: number, aim: Pick<Machine, "digest" | "purpose">): Move {
  const begin = { ...aim, stage: "acquiring", attempt: `${place}-${world.begun}`, disowned: false, limit: 0 } as const;
  return {
    name: `${place} begins ${aim.purpose}`,
    take: () => ({ ...changed(world, place, begin), begun: world.begun + 1 }),
  };
}

/** It runs what its fleet refuses, and is to go back. */
function mustRevert({ record }: World, { running, before }: Machine): boolean {
  if (record?.phase !== "halted" || record.plan.onHalt !== "revert" || running === before) return false;
  return running === record.release?.digest && record.denied.some(({ digest }) => digest === running);
}

const actor = { host: "model", operation: "operation", at: 0 };

function endedOf(machine: Machine): (attempt: string) => boolean {
  return (attempt) =>
    attempt.startsWith(`${machine.attempt.split("-")[0]}-`) &&
    (attempt !== machine.attempt || machine.stage === "idle");
}

function acquireOf(world: World, machine: Machine): RolloutEvent {
  const { host, attempt, digest, purpose } = machine;
  const proven = purpose === "update" && host < "c" && uploadOf(world, digest).proven === true;
  return { type: "acquire", host, attempt, digest, purpose, lostAfter: 1, ownEnded: endedOf(machine), proven };
}

function finishOf({ host, attempt, digest, outcome }: Machine): RolloutEvent {
  return { type: "finish", host, attempt, digest, outcome, reason: outcome, retract: true };
}

function startOf(world: World, digest: string): RolloutEvent {
  const { order, line } = uploadOf(world, digest);
  const release = {
    digest,
    artifact: digest,
    ...(order !== undefined && { order }),
    ...(line !== undefined && { line }),
  };
  return {
    type: "start",
    release,
    plan: world.fleet.plan,
    hosts: new Set(world.machines.map(({ host }) => host)).size,
  };
}

/** A message arrives and is answered; or it is on its way while its machine waits in vain and asks again. */
function sending(world: World, place: number, event: RolloutEvent): readonly Move[] {
  const verdict = next(world.record, event, actor);
  const answered: Move = {
    name: `${place} ${event.type}`,
    take: () => {
      const { world: after, outcome } = apply(world, place, event);
      return learn(after, place, event, outcome);
    },
  };
  if (verdict.verdict !== "write") return quiet(world, place, event) ? [] : [answered];
  const flies = world.flights.some((one) => one.machine === place && one.event.type === event.type);
  if (flies || world.flights.length >= world.fleet.flights) return [answered];
  const late: Move = {
    name: `${place} ${event.type} on its way`,
    take: () => ({ ...world, flights: [...world.flights, { machine: place, event }] }),
  };
  return [answered, late];
}

/** A refused wish changes nothing at all. */
function quiet(world: World, place: number, event: RolloutEvent): boolean {
  const after = learn(world, place, event, next(world.record, event, actor).verdict);
  return after === world;
}

/** What a machine makes of an answer. */
function learn(world: World, place: number, event: RolloutEvent, outcome: string): World {
  const machine = world.machines[place] as Machine;
  if (event.type === "acquire" && outcome !== "refused") requireFound(world, event.host);
  if (event.type === "acquire" && outcome !== "refused")
    return changed(world, place, { stage: "holding", inside: true });
  if (event.type === "fence")
    return changed(
      world,
      place,
      outcome === "write" ? { stage: "fenced" } : { stage: "reporting", outcome: "released" },
    );
  if (event.type === "finish" && event.attempt === machine.attempt && machine.stage === "reporting") {
    const bad = machine.outcome === "failed" || machine.outcome === "broken";
    const refused = bad ? [...new Set([...machine.refused, machine.digest])].sort() : machine.refused;
    return changed(world, place, { stage: "idle", inside: false, disowned: false, refused });
  }
  return world;
}

/** Who holds its slot, and says so, is not lost. */
function requireFound({ record }: World, host: string): void {
  if (record !== undefined && slotOf(record, host)?.state === "lost") throw new Error(`${host} is back and still lost`);
}

/** One compare-and-swap: the record changes, and with it everything on its way misses. */
function apply(world: World, place: number | undefined, event: RolloutEvent): { world: World; outcome: string } {
  const verdict = next(world.record, event, actor);
  if (verdict.verdict !== "write") return { world, outcome: verdict.verdict };
  const { record } = verdict;
  if (world.record !== undefined && record.seq <= world.record.seq) throw new Error("S5: the number does not grow");
  const books = booked(world.books, world.record, record, event);
  const machines = world.machines.map((machine, at) => {
    let after = machine;
    // The finish counts from its write, also if its machine does not know yet.
    if (event.type === "finish" && at === place && event.attempt === machine.attempt && machine.inside)
      after = { ...after, inside: false };
    if (freesOver(world, event, machine, at, place)) after = { ...after, disowned: true };
    // A slot that was forgotten may be asked for again.
    if (event.type === "acquire" && at === place && machine.disowned) after = { ...after, disowned: false };
    const holds = slotOf(record, machine.host)?.attempt === machine.attempt;
    return holds && record.plan.limit > after.limit ? { ...after, limit: record.plan.limit } : after;
  });
  const again = event.type === "finish" || event.type === "lost" || event.type === "start" || event.type === "present";
  const sent = again && world.fleet.echoes > 0 ? [...world.sent, event].slice(-world.fleet.echoes) : world.sent;
  return { world: { ...world, record, machines, flights: [], books, sent }, outcome: "write" };
}

function freesOver(world: World, event: RolloutEvent, machine: Machine, at: number, by: number | undefined): boolean {
  if (event.type === "forget") return machine.host === event.host && machine.inside;
  if (event.type !== "acquire" || at === by || machine.host !== event.host) return false;
  const slot = world.record && slotOf(world.record, event.host);
  return slot?.state === "lost" && slot.attempt === machine.attempt;
}

/** An observer may always be wrong: it calls anybody lost whose slot is open. */
function lossMoves(world: World): readonly Move[] {
  if (world.record === undefined) return [];
  return Object.entries(world.record.slots)
    .filter(([, slot]) => isOpen(slot))
    .map(([host, { attempt }]) => ({
      name: `${host} is called lost`,
      take: () => apply(world, undefined, { type: "lost", host, attempt }).world,
    }));
}

function operatorMoves(world: World): readonly Move[] {
  const events: RolloutEvent[] = [
    { type: "halt", reason: "said so" },
    { type: "pause" },
    { type: "resume" },
    { type: "retry", floor: world.record?.seq ?? 0 },
    ...[...new Set(world.machines.map(({ host }) => host))].map((host): RolloutEvent => ({ type: "forget", host })),
    ...[1, 2, 3].map((limit): RolloutEvent => ({ type: "set-limit", limit })),
  ];
  return events.map((event) => ({
    name: `operator: ${event.type}`,
    take() {
      const { world: after, outcome } = apply(world, undefined, event);
      // With the fleet's word, each host forgets what it found bad by itself.
      const forgive = event.type === "retry" && outcome === "write";
      return forgive ? { ...after, machines: after.machines.map((one) => ({ ...one, refused: [] })) } : after;
    },
  }));
}
