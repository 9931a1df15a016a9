import { slotOf } from "../../../src/domain/rollout/standing.ts";
import { movesOf } from "./moves.ts";
import { checkPromises } from "./promises.ts";
import type { Machine, World } from "./world.ts";

export interface Explored {
  readonly states: number;
  readonly moves: number;
  /** How many worlds have reached the goal. */
  readonly goals: number;
  /** Worlds out of which no way leads to the goal, though no operator is needed: each with how it comes about. */
  readonly deadEnds: readonly (readonly string[])[];
}

interface Aims {
  isGoal(world: World): boolean;
  /** Only an operator can help here: this may be a dead end. */
  needsOperator(world: World): boolean;
}

/** How each world was first reached, and all the ways between worlds; worlds themselves are not kept. */
interface Graph {
  readonly parents: number[];
  readonly names: string[];
  readonly from: number[];
  readonly to: number[];
}

/**
 * Visits every world that can come about, breadth first, and checks each; then walks back from the goals. Worlds that differ in
 * the names of hosts and attempts alone are one: no rule looks at a name.
 */
export function explore(first: World, aims: Aims): Explored {
  const known = new Map<string, number>([[keyOf(first), 0]]);
  const graph: Graph = { parents: [-1], names: ["begin"], from: [], to: [] };
  const goals: number[] = [];
  const hopeless = new Set<number>();
  let front: World[] = [first];
  for (let at = 0; front.length > 0; ) {
    const behind: World[] = [];
    for (const world of front) {
      if (aims.isGoal(world)) goals.push(at);
      if (aims.needsOperator(world)) hopeless.add(at);
      for (const move of movesOf(world)) {
        const after = tried(graph, at, move);
        const key = keyOf(after);
        const place = known.get(key) ?? known.size;
        if (place === known.size) {
          known.set(key, place);
          graph.parents.push(at);
          graph.names.push(move.name);
          behind.push(after);
        }
        graph.from.push(at);
        graph.to.push(place);
      }
      at += 1;
    }
    front = behind;
  }
  const stuck = unreached(graph, goals).filter((at) => !hopeless.has(at));
  return {
    states: known.size,
    moves: graph.from.length,
    goals: goals.length,
    deadEnds: stuck.map((at) => way(graph, at)),
  };
}

function tried(graph: Graph, at: number, move: { readonly name: string; take(): World }): World {
  try {
    const after = move.take();
    checkPromises(after);
    return after;
  } catch (cause) {
    throw new Error(`${(cause as Error).message}; after: ${[...way(graph, at), move.name].join(", ")}`, { cause });
  }
}

function way({ parents, names }: Graph, to: number): readonly string[] {
  const steps: string[] = [];
  for (let at = to; at > 0; at = parents[at] ?? 0) steps.push(names[at] ?? "");
  return steps.reverse();
}

/** All that cannot come to a goal. */
function unreached({ parents, from, to }: Graph, goals: readonly number[]): readonly number[] {
  const before: number[][] = parents.map(() => []);
  for (const [edge, place] of to.entries()) before[place]?.push(from[edge] ?? 0);
  const reaches = new Uint8Array(parents.length);
  const waiting = [...goals];
  for (const at of waiting) reaches[at] = 1;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const parent of before[at] ?? []) {
      if (reaches[parent]) continue;
      reaches[parent] = 1;
      waiting.push(parent);
    }
  }
  return parents.flatMap((_, at) => (reaches[at] ? [] : [at]));
}

function keyOf(world: World): string {
  const { record, uploaded, books } = world;
  const hosts = world.machines.map((machine, place) => machineKey(world, machine, place)).sort();
  const shared = record && [
    record.release?.digest,
    record.phase,
    record.halt?.why,
    record.denied.map(({ digest }) => digest).sort(),
    record.replaced,
    record.hosts,
  ];
  return `${uploaded}${books.barred}|${shared}|${hosts.join("/")}`;
}

function machineKey({ record, flights, books }: World, machine: Machine, place: number): string {
  const { host, attempt } = machine;
  const slot = record && slotOf(record, host);
  const held = slot && `${slot.state}${slot.digest}${slot.attempt === attempt}${slot.acknowledged}${slot.fenced}`;
  const failed = record?.failed
    .filter((one) => one.host === host)
    .map((one) => `${one.digest}${one.attempt === attempt}${one.acknowledged}`);
  const flying = flights
    .filter((one) => one.machine === place)
    .map(({ event }) => {
      const { type } = event;
      return type === "finish" ? `${type}${event.outcome}${event.digest}${event.attempt === attempt}` : type;
    });
  const named = `${record?.ok.hosts.includes(host)}${record?.aborted.includes(host)}${books.live.includes(attempt)}`;
  const own = `${machine.stage},${machine.digest},${machine.stage === "reporting" && machine.outcome},${machine.running}`;
  const rest = `${machine.refused},${machine.inside},${machine.dead}`;
  return `${own},${rest},${held},${failed},${named},${flying.sort()}`;
}
