import type { Milliseconds } from "../../src/domain/duration.ts";
import { startAgent } from "./agent.ts";
import { type Host, reinstall, standing, startService } from "./host.ts";
import type { World } from "./world.ts";

/** What happens to machines and to the agents on them. Each does nothing where there is nothing to happen to. */

/** For so long it may be hindered to show a sign of life, or to see one. */
export function disturb({ timeline }: World, host: Host, duration: Milliseconds): void {
  host.disturbedUntil = Math.max(host.disturbedUntil, timeline.now() + duration);
}

export function start(world: World, host: Host): void {
  if (host.agent !== undefined || host.gone || host.off) return;
  world.trace.note(host.id, "agent starts");
  disturb(world, host, 0);
  host.agent = startAgent(world, host);
}

/** SIGKILL, with all hooks that it had begun; the service runs on. */
export function kill(world: World, host: Host, backIn: Milliseconds): void {
  if (host.agent === undefined) return;
  world.trace.note(host.id, "agent killed");
  host.agent.life.end();
  host.agent = undefined;
  world.timeline.in(backIn, () => start(world, host));
}

/** What was not synced may be gone; when the machine is back it starts its service before its agent. */
export function powerCut(world: World, host: Host, backIn: Milliseconds): void {
  if (host.gone) return;
  world.trace.note(host.id, "power cut");
  host.agent?.life.end();
  host.agent = undefined;
  host.disk.powerCut(host.dice);
  host.service.runs = undefined;
  host.off = true;
  world.observer.diskChanged(host, "power cut", "");
  world.timeline.in(backIn, () => {
    boot(world, host);
    start(world, host);
  });
}

/** A machine that has power again starts its service. */
export function boot(world: World, host: Host): void {
  if (!host.off || host.gone) return;
  host.off = false;
  startService(host, world.timeline.now());
}

/** SIGSTOP, and SIGCONT after a while. */
export function standStill(world: World, host: Host, duration: Milliseconds): void {
  const { agent } = host;
  if (agent === undefined) return;
  world.trace.note(host.id, "agent stands still");
  agent.life.stop();
  disturb(world, host, duration);
  world.timeline.in(duration, () => {
    world.trace.note(host.id, "agent goes on");
    agent.life.goOn();
  });
}

/** The machine sleeps: neither its processes nor its clock for durations go on. */
export function suspend(world: World, host: Host, duration: Milliseconds): void {
  const { agent } = host;
  if (host.gone) return;
  world.trace.note(host.id, "machine suspended");
  host.clock.freeze();
  agent?.life.stop();
  disturb(world, host, duration);
  world.timeline.in(duration, () => {
    world.trace.note(host.id, "machine wakes");
    host.clock.thaw();
    agent?.life.goOn();
  });
}

/** So long an agent may take to end; then it is killed. */
const stopLimit = 80_000;

/** SIGTERM, and another agent. */
export function restart(world: World, host: Host): void {
  const { agent } = host;
  if (agent === undefined) return;
  world.trace.note(host.id, "agent told to stop");
  disturb(world, host, stopLimit);
  const over = (how: string) => {
    if (host.agent !== agent) return;
    world.trace.note(host.id, how);
    agent.life.end();
    host.agent = undefined;
    start(world, host);
  };
  agent.stop().then(
    () => over("agent stopped"),
    () => over("agent failed to stop"),
  );
  world.timeline.in(stopLimit, () => over("agent killed at its stop"));
}

/** It burns down. */
export function lose(world: World, host: Host): void {
  if (host.gone) return;
  world.trace.note(host.id, "host gone");
  host.agent?.life.end();
  host.agent = undefined;
  host.gone = true;
  host.service.runs = undefined;
}

/** The machine, or only the agent's memory, begins anew under the same name. */
export function beginAnew(world: World, host: Host, what: "machine" | "state folder"): void {
  if (host.gone) return;
  world.trace.note(host.id, `${what} begins anew`);
  host.agent?.life.end();
  host.agent = undefined;
  host.off = false;
  if (what === "machine") reinstall(host, host.dice.pick(["foreign", "nothing"]), world.timeline.now());
  else {
    host.journal = { states: new Map(), updates: new Map(), history: [] };
    // An agent without a memory takes what stands there for good.
    world.books.proven.add(`${host.name} ${standing(host)}`);
  }
  world.observer.beginsAnew(host);
  start(world, host);
}
