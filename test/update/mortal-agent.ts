import type { StateName } from "../../src/update/states.ts";
import type { World } from "./world.ts";

/** One life of the agent. */
export interface Agent {
  dead: boolean;
  state: StateName;
  /** Does something to the world, with a point to die at before and after. */
  call<Result>(name: string, act: () => Result | Promise<Result>): Promise<Result | unknown>;
}

const agents = new WeakMap<World, Agent>();

export function agentOf(world: World): Agent {
  const agent = agents.get(world);
  if (agent === undefined) throw new Error("No agent runs in this world.");
  return agent;
}

export const never = () => new Promise<never>(() => {});

export function startAgent(world: World): Agent {
  const agent: Agent = {
    dead: false,
    state: world.journal.update?.state ?? "idle",
    async call(name, act) {
      if (agent.dead || dies(world, agent, `${agent.state} | ${name} | before`)) return never();
      const overruled = world.onCall(name, agent.state);
      if (overruled instanceof Error) throw overruled;
      const result = overruled instanceof Promise ? await overruled : await act();
      if (agent.dead || dies(world, agent, `${agent.state} | ${name} | after`)) return never();
      return overruled ?? result;
    },
  };
  agents.set(world, agent);
  return agent;
}

export function dies(world: World, agent: Agent, point: string): boolean {
  world.points.push(point);
  agent.dead ||= world.crashes(point);
  return agent.dead;
}
