import { Failure } from "../../src/domain/failures/failure.ts";
import { decodeRecord } from "../../src/domain/rollout/record-text.ts";
import type { HostReport } from "../../src/domain/rollout/report.ts";
import { decodeReport } from "../../src/domain/rollout/report-text.ts";
import { spaceOf } from "../../src/rollout/keys.ts";
import type { Host } from "./host.ts";
import { boot, lose, start } from "./machines.ts";
import { putBack, say, tell } from "./operators.ts";
import type { World } from "./world.ts";

const space = spaceOf("web", "default");

/** The faults are over: what is away comes back, what is gone stays gone, and of two machines of one name the second is shut off. */
export function heal(world: World): void {
  const { hosts, central, depot, plan } = world;
  world.trace.note("world", "is at peace");
  world.faults.end();
  central.down = false;
  depot.down = false;
  for (const host of hosts) {
    host.cut = "open";
    host.doom = 0;
    host.diskState.full = false;
    host.diskState.slow = 0;
    host.service.sick = false;
    if (host.number >= plan.hosts) lose(world, host);
    host.clock.thaw();
    host.agent?.life.goOn();
    bringBack(world, host);
  }
}

function bringBack(world: World, host: Host): void {
  if (host.gone) return;
  boot(world, host);
  start(world, host);
  putBack(world, host);
}

/**
 * What a person does who looks at a fleet now and then and follows what its hosts say: each of these is the remedy of a sentence
 * that Dropship shows. Nothing else is done for a fleet in peace.
 */
export function follow(world: World): void {
  const { hosts, central } = world;
  const found = central.read(space.record);
  const record = found && readable(() => decodeRecord(found.bytes));
  const reports = central.list(space.reports).flatMap((key) => reportIn(central.read(key)?.bytes));
  // "… if it was damaged, restore it or say rollout retry."
  if (found !== undefined && record === undefined) say(world, { type: "retry" });
  const there = new Set(hosts.filter(({ gone }) => !gone).map(({ name }) => name));
  const waits = (why: string) => reports.filter(({ host, waiting }) => there.has(host) && waiting?.why === why);

  // "Find out who removed or restored it … rollout retry begins a new one."
  if (waits("record-vanished").length > 0) say(world, { type: "retry" });
  // "An operator paused the rollout: say resume."
  if (record?.phase === "paused") say(world, { type: "resume" });
  // "The rollout is halted …; if this one is good, say resume": who looks knows whether it is.
  const quality = world.depot.published.get(record?.release?.digest ?? "")?.quality;
  if (record?.phase === "halted" && quality === "good" && waits("halted").length + waits("denied").length > 0) {
    say(world, { type: "resume" });
  }
  // "If it is gone for good, say forget."
  const named = new Set([...Object.keys(record?.slots ?? {}), ...reports.map(({ host }) => host)]);
  for (const host of named) if (!there.has(host)) say(world, { type: "forget", host });
  // "Another update holds a slot …, and this host knows nothing of it: say forget."
  for (const { host } of waits("not-mine")) say(world, { type: "forget", host });
  for (const host of hosts) followHost(world, host);
}

function reportIn(bytes: Uint8Array | undefined): HostReport[] {
  const report = bytes && readable(() => decodeReport(bytes));
  return report ? [report] : [];
}

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  }
}

/** What `dropship status` on a host shows, and asks for. */
function followHost(world: World, host: Host): void {
  const { agent } = host;
  agent?.operations.status("web").then(
    ([status]) => {
      if (status?.paused) tell(world, host, "resume");
      if (status?.pinned !== undefined) tell(world, host, "unpin");
      // "Release … was left by hand": a rollback that waited for its turn may come after the faults are over.
      const left = status?.denied.some(({ reason }) => reason.code === "left-by-operator");
      if (status?.broken || left) tell(world, host, "retry");
      // "… rollout retry begins a new one."
      if (status?.lastCheck?.failure?.code === "record-vanished") say(world, { type: "retry" });
    },
    () => world.trace.note(host.id, "does not say how it fares"),
  );
}
