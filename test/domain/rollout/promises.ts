import type { RolloutRecord } from "../../../src/domain/rollout/record.ts";
import { slotOf } from "../../../src/domain/rollout/standing.ts";
import type { Books } from "./books.ts";
import type { World } from "./world.ts";

/** Throws with the promise that does not hold. */
export function checkPromises(world: World): void {
  const { record, machines, books } = world;
  const inside = machines.filter((machine) => machine.inside && !machine.disowned);
  const allowed = Math.max(0, ...inside.map(({ limit }) => limit));
  if (inside.length > allowed) throw new Error(`S1: ${inside.length} hosts inside, ${allowed} allowed`);
  if (record === undefined) return;
  for (const machine of inside) {
    if (slotOf(record, machine.host)?.attempt !== machine.attempt)
      throw new Error(`S1: ${machine.host} is inside without its slot`);
  }
  for (const machine of machines) {
    const slot = slotOf(record, machine.host);
    if (machine.stage === "idle" && slot?.attempt === machine.attempt && slot.state !== "broken")
      throw new Error(`${machine.host} left a slot behind`);
  }
  checkRefusals(record, books);
  checkCounts(record, books);
}

function checkRefusals(record: RolloutRecord, books: Books): void {
  const digests = record.denied.map(({ digest }) => digest);
  for (const digest of books.barred) if (!digests.includes(digest)) throw new Error(`S3: ${digest} is not refused`);
  for (const digest of digests) if (!books.barred.includes(digest)) throw new Error(`${digest} is refused for nothing`);
  const onOffer = record.release?.digest ?? "";
  if (digests.includes(onOffer) && record.phase !== "halted") throw new Error("S3: a refused content is on offer");
  if ((record.phase === "halted") !== (record.halt !== undefined)) throw new Error("halted without a cause");
}

function checkCounts(record: RolloutRecord, books: Books): void {
  const attempts = record.failed.map(({ attempt }) => attempt);
  if (new Set(attempts).size !== attempts.length) throw new Error("S4: an attempt failed twice");
  if (attempts.join() !== books.bad.slice(-attempts.length).join() && attempts.length > 0)
    throw new Error(`S4: ${attempts.join()} failed, ${books.bad.join()} are in the books`);
  if ([...record.ok.hosts].sort().join() !== books.ok.join() || record.ok.count !== books.ok.length)
    throw new Error(`S4: ${record.ok.count} ok (${record.ok.hosts.join()}), ${books.ok.join()} in the books`);
  const live = record.failed.filter((one) => !one.acknowledged && one.digest === record.release?.digest);
  if (live.length !== books.live.length) throw new Error("S4: failures are counted wrongly");
  if ([...record.aborted].sort().join() !== books.aborted.join())
    throw new Error(`S4: ${record.aborted.join()} gave up, ${books.aborted.join()} in the books`);
  for (const [host, attempt] of Object.entries(books.broken)) {
    const slot = slotOf(record, host);
    if (slot?.attempt !== attempt || slot.state !== "broken") throw new Error(`${host} is broken, and lost its slot`);
  }
}
