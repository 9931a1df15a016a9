import assert from "node:assert/strict";
import type { UpdateRecord } from "../../src/update/record.ts";
import { contentAt, type World } from "./world.ts";

/**
 * What must hold after every update, whatever happened: the destination is one whole release or what it was, the journal
 * agrees with the disk, and the outcome is the truth.
 */
export function assertTruthful(world: World, ended: UpdateRecord, runningBefore: string | undefined): void {
  const { disk, journal } = world;
  const content = contentAt(world);
  const says = `${ended.outcome} (${ended.failure?.sentence ?? ""})`;

  assert.equal(journal.update, undefined, "nothing is unfinished");
  assert.equal(ended.state, "idle");
  assert.ok(ended.outcome, "every update has an outcome");
  assert.ok(disk.destination.kind === "nothing" || content, `the destination is whole: ${says}`);
  switch (ended.outcome) {
    case "updated":
      assert.equal(content, ended.target?.digest, says);
      assert.equal(journal.state.current?.digest, ended.target?.digest, says);
      assert.equal(world.running, ended.target?.digest, says);
      assert.ok(journal.state.good.includes(ended.target?.id ?? ""), "a committed release is good");
      assert.equal(ended.failure, undefined, "a success tells of no failure");
      break;
    case "rolled-back":
      assert.equal(content, runningBefore, says);
      assert.equal(world.running, runningBefore, says);
      assert.equal(journal.state.current?.digest, runningBefore, says);
      assert.ok(ended.failure, "a rollback has a reason");
      break;
    case "withdrawn":
      assert.equal(content, undefined, says);
      assert.equal(journal.state.current, undefined, says);
      break;
    case "broken":
      assert.ok(journal.state.broken, says);
      break;
    default:
      assert.equal(content, runningBefore, says);
      assert.equal(world.running, runningBefore, says);
  }
  if (ended.blame === "content") {
    const { digest, id = "" } = ended.target ?? {};
    assert.ok(!journal.state.good.includes(id), `what was bad is not remembered as good: ${says}`);
    assert.ok(
      journal.state.denied.some((denied) => denied.digest === digest),
      `what was bad is denied: ${says}`,
    );
  }
}
