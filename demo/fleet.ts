import { setTimeout as sleep } from "node:timers/promises";
import { type ActiveState, workflow } from "../src/update/states.ts";
import { type Agent, type LogLine, startAgent } from "./agent.ts";
import type { Host } from "./world.ts";

/** Nothing that the story waits for takes longer. */
const limit = 60_000;

/** One update of one host, as its agent told it. */
export interface Told {
  readonly host: string;
  readonly outcome: string;
  readonly problem?: string;
  /** What each part of it came to, with its seconds. */
  readonly parts: readonly string[];
}

/** The agents of all hosts, and what they say. */
export interface Fleet {
  /** The hosts whose turn it is: they hold a slot. */
  turns(): ReadonlySet<string>;
  /** Why each host waits, in its agent's word for it. */
  waits(): ReadonlyMap<string, string>;
  /** Every update that ended, in this order. */
  history(): readonly Told[];
  /** Waits until it is so; throws when an agent ends meanwhile, or after a minute. */
  until(what: string, isSo: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the agent of every host; `onTrouble` hears what an agent calls an error, outcomes of updates aside. */
export async function startFleet(
  hosts: readonly Host[],
  onTrouble: (host: string, problem: string) => void,
): Promise<Fleet> {
  const listeners = hosts.map(({ name }) => createListener(name, onTrouble));
  const agents = hosts.map(({ configFile }, place): Agent => {
    const listener = listeners[place];
    return startAgent(configFile, (line) => listener?.hear(line));
  });
  const fleet: Fleet = {
    turns: () => new Set(listeners.filter(({ now }) => now.turn).map(({ host }) => host)),
    waits: () => new Map(listeners.flatMap(({ host, now }) => (now.waits === undefined ? [] : [[host, now.waits]]))),
    history: () => listeners.flatMap(({ ended }) => ended).sort((one, other) => one.at - other.at),
    async until(what, isSo) {
      for (let waited = 0; !isSo(); waited += 20) {
        const codes = agents.map((agent) => agent.exitCode());
        const place = codes.findIndex((code) => code !== undefined);
        if (place >= 0) throw new Error(`The agent of ${hosts[place]?.name} ended with exit code ${codes[place]}.`);
        if (waited > limit) throw new Error(`Within ${limit / 1000} s it did not come about that ${what}.`);
        await sleep(20);
      }
    },
    stop: async () => void (await Promise.all(agents.map((agent) => agent.stop()))),
  };
  await fleet.until("all agents run", () => listeners.every(({ now }) => now.runs));
  return fleet;
}

interface Listener {
  readonly host: string;
  readonly now: { runs: boolean; turn: boolean; waits: string | undefined };
  readonly ended: (Told & { readonly at: number })[];
  hear(line: LogLine): void;
}

function createListener(host: string, onTrouble: (host: string, problem: string) => void): Listener {
  const now: Listener["now"] = { runs: false, turn: false, waits: undefined };
  const ended: (Told & { readonly at: number })[] = [];
  let parts = partsOfUpdate();
  const hearState = (state: ActiveState, outcome: string) => {
    parts.add(state, outcome);
    if (state === "acquiring") now.turn = outcome === "held";
    if (state === "reporting") now.turn = false;
    now.waits = undefined;
  };
  return {
    host,
    now,
    ended,
    hear({ event, level, state, outcome = "", problem, why }) {
      if (event === "the agent runs") now.runs = true;
      else if (event === "an update begins") parts = partsOfUpdate();
      else if (event === "an update waits for its slot") now.waits = why;
      else if (event === "a state of the update ended" && isState(state)) hearState(state, outcome);
      else if (event === "an update ended")
        ended.push({
          host,
          outcome,
          ...(problem !== undefined && { problem }),
          parts: parts.told(),
          at: performance.now(),
        });
      else if (level === "error") onTrouble(host, problem === undefined ? event : `${event}: ${problem}`);
    },
  };
}

function isState(state: string | undefined): state is ActiveState {
  return state !== undefined && state in workflow;
}

/** Gathers what the states of one update came to, under the names of its parts. */
function partsOfUpdate() {
  const parts: { readonly name: string; readonly outcomes: string[]; readonly begun: number; ended: number }[] = [];
  let now = performance.now();
  return {
    add(state: ActiveState, outcome: string) {
      const { part: name } = workflow[state];
      if (parts.at(-1)?.name !== name) parts.push({ name, outcomes: [], begun: now, ended: now });
      now = performance.now();
      const part = parts.at(-1);
      part?.outcomes.push(wordsFor(state, outcome));
      if (part) part.ended = now;
    },
    told: () =>
      parts.map(({ name, outcomes, begun, ended }) => {
        const seconds = ((ended - begun) / 1000).toFixed(1);
        return `${name.padEnd(9)} │ ${outcomes.join(", ")} (${seconds} s)`;
      }),
  };
}

/** "running-before-hooks" and "done" are "before hooks done"; most outcomes speak for themselves. */
function wordsFor(state: string, outcome: string): string {
  const words = outcome.replaceAll("-", " ");
  return outcome === "done" ? `${state.replace("running-", "").replaceAll("-", " ")} ${words}` : words;
}
