import { setTimeout } from "node:timers/promises";
import { randomFrom } from "../random-from.ts";
import type { Fleet, FleetStore, Quality } from "./fleet.ts";
import type { FleetHost } from "./fleet-host.ts";

/** What was done to hosts and store, by kind. `amid`: while the service of the host was down. */
export type Faults = Record<string, { count: number; amid: number }>;

export interface Storm {
  readonly faults: Faults;
  readonly published: number;
}

interface Scene {
  readonly fleet: Fleet;
  readonly store: FleetStore;
  readonly random: () => number;
  readonly seconds: number;
  readonly faults: Faults;
  readonly busy: Set<number>;
  /** By the monotonic clock; brought forward when something fails that should not. */
  end: number;
}

/** Resolves when the fault is over. */
type Blow = (scene: Scene, host: FleetHost, number: number) => Promise<void>;

/** The agent's end, at any instruction. */
const killed: Blow = async ({ random }, host) => {
  await host.agent?.end("SIGKILL");
  await setTimeout(random() * 2000);
  await host.start();
};

/** The agent's polite end, as an upgrade of the package brings it. */
const restarted: Blow = async (_scene, host) => {
  await host.agent?.end("SIGTERM");
  await host.start();
};

const stopped: Blow = async (scene, host) => {
  host.agent?.child.kill("SIGSTOP");
  await setTimeout(longPause(scene));
  host.agent?.child.kill("SIGCONT");
};

const cut: Blow = async (scene, _host, number) => {
  await scene.store.lines?.cut(number);
  await setTimeout(longPause(scene));
  await scene.store.lines?.heal(number);
};

const deaf: Blow = async (scene, _host, number) => {
  await scene.store.lines?.deafen(number);
  await setTimeout(longPause(scene));
  await scene.store.lines?.heal(number);
};

/** Past what makes a holder lost and a fence stale (5 s); now and then past what a call may take, too, and in a long storm past every deadline that there is. */
function longPause({ random, seconds }: Scene): number {
  const usual = 1000 + random() * 6000;
  if (random() > 0.1) return usual;
  return seconds < 60 ? 12_000 : 12_000 + random() * 60_000;
}

/** Releases come, hosts and store suffer, for so long. Everything is whole again when it resolves. */
export async function storm(fleet: Fleet, store: FleetStore, seed: number, seconds: number): Promise<Storm> {
  const random = randomFrom(seed);
  const end = performance.now() + seconds * 1000;
  const scene: Scene = { fleet, store, random, seconds, faults: {}, busy: new Set(), end };
  const parts = [publishing(scene), striking(scene), strikingStore(scene)] as const;
  for (const part of parts) part.catch(() => (scene.end = 0));
  await Promise.allSettled(parts);
  const [published] = await Promise.all(parts);
  return { faults: scene.faults, published };
}

async function publishing(scene: Scene): Promise<number> {
  const { fleet, random } = scene;
  let published = 0;
  while (performance.now() < scene.end) {
    const chance = random();
    const quality: Quality = chance < 0.05 ? "sick" : chance < 0.25 ? "refuses" : "good";
    await fleet.publish(quality, 0.2 + random() * 1.3);
    published += 1;
    await setTimeout(4000 + random() * 5000);
  }
  return published;
}

async function striking(scene: Scene): Promise<void> {
  const { fleet, store, random, busy } = scene;
  const kinds: Readonly<Record<string, Blow>> = {
    killed,
    restarted,
    stopped,
    ...(store.lines && { cut, deaf }),
  };
  const names = Object.keys(kinds);
  const work: Promise<void>[] = [];
  while (performance.now() < scene.end) {
    await setTimeout(200 + random() * 600);
    const name = names[Math.floor(random() * names.length)] ?? "";
    const number = await victim(scene);
    const host = number === undefined ? undefined : fleet.hosts[number];
    if (host === undefined || number === undefined) continue;
    count(scene, name, !host.isUp());
    busy.add(number);
    const blow = kinds[name]?.(scene, host, number).finally(() => busy.delete(number));
    blow?.catch(() => (scene.end = 0));
    if (blow) work.push(blow);
  }
  await Promise.all(work);
}

/** Every other time one in the middle of its update. Most hosts are always whole, and one slot of three, so that updates go on. */
async function victim({ fleet, random, busy }: Scene): Promise<number | undefined> {
  const anybody = random() < 0.5;
  const which = random();
  for (const end = performance.now() + 1500; performance.now() < end; await setTimeout(20)) {
    const down = new Set([...fleet.hosts.keys()].filter((number) => !fleet.hosts[number]?.isUp()));
    if (busy.size > 3 || down.intersection(busy).size > 1) continue;
    const among = [...fleet.hosts.keys()].filter((number) => !busy.has(number) && (anybody || down.has(number)));
    if (among.length > 0) return among[Math.floor(which * among.length)];
  }
  return undefined;
}

/** The store itself: twice in a short storm, every twenty seconds in a long one. */
async function strikingStore(scene: Scene): Promise<void> {
  const { store, random, seconds } = scene;
  const names = Object.keys(store.strikes);
  const pause = Math.min(20, seconds / 3) * 1000;
  while (names.length > 0 && performance.now() + pause < scene.end) {
    await setTimeout(pause * (0.75 + random() / 2));
    const name = names[Math.floor(random() * names.length)] ?? "";
    count(
      scene,
      name,
      scene.fleet.hosts.some((host) => !host.isUp()),
    );
    await store.strikes[name]?.();
  }
}

function count({ faults }: Scene, name: string, amid: boolean): void {
  const before = faults[name] ?? { count: 0, amid: 0 };
  faults[name] = { count: before.count + 1, amid: before.amid + (amid ? 1 : 0) };
}
