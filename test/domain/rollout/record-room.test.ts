import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure } from "../../../src/domain/failures/failure.ts";
import type { RolloutEvent, SlotOutcome } from "../../../src/domain/rollout/events.ts";
import { largestLimit, type RolloutRecord, recordLimit } from "../../../src/domain/rollout/record.ts";
import { decodeRecord, encodeRecord } from "../../../src/domain/rollout/record-text.ts";
import { next } from "../../../src/domain/rollout/rules.ts";
import { randomFrom } from "../../random-from.ts";

const digest = "a".repeat(64);
const hosts = 10_000;
/** 200 characters that take four bytes each. */
const longReason = "😀".repeat(200);

/** Names of so many characters, all different. */
const nameOf = (length: number) => (number: number) => `${"x".repeat(length - 6)}-${String(number).padStart(5, "0")}`;

const attemptOf = (host: string) => Buffer.from(host.slice(-16)).toString("hex").padStart(32, "0");

const verdictOn = (record: RolloutRecord | undefined, event: RolloutEvent, by: string) =>
  next(record, event, { host: by, operation: "f".repeat(32), at: 1_700_000_000_000 });

/** What others read of the record after this event, which must be a write. */
function after(record: RolloutRecord | undefined, event: RolloutEvent, by: string): RolloutRecord {
  const verdict = verdictOn(record, event, by);
  if (verdict.verdict !== "write") assert.fail(`${event.type} of ${by} is no write but ${JSON.stringify(verdict)}`);
  const bytes = encodeRecord(verdict.record);
  assert.ok(bytes.length <= recordLimit);
  return decodeRecord(bytes);
}

function begun(limit: number): RolloutRecord {
  const plan = { limit, canary: 0, failureBudget: hosts, abortBudget: hosts, onHalt: "hold" } as const;
  const artifact = `s3://releases/${"path/".repeat(40)}web.tar.gz`;
  const release = { digest, artifact, version: "1.2.3", order: 1_700_000_000_000 };
  return after(undefined, { type: "start", release, plan, hosts }, "web-1");
}

const acquireOf = (host: string): RolloutEvent => ({
  ...{ type: "acquire", host, attempt: attemptOf(host), digest, purpose: "update" },
  ...{ lostAfter: 86_400_000, ownEnded: () => false },
});

const fenceOf = (host: string): RolloutEvent => ({ type: "fence", host, attempt: attemptOf(host), digest });

const finishOf = (host: string, outcome: SlotOutcome): RolloutEvent => ({
  ...{ type: "finish", host, attempt: attemptOf(host), digest, outcome },
  ...{ reason: longReason, retract: false },
});

/** The record after so many hosts have the release and so many are at it. */
function filled(limit: number, name: (number: number) => string, done: number): RolloutRecord {
  let record = begun(limit);
  for (let number = 0; number < done; number += 1) {
    const host = name(number);
    record = after(after(after(record, acquireOf(host), host), fenceOf(host), host), finishOf(host, "ok"), host);
  }
  for (let number = done; number < done + limit; number += 1) {
    record = after(record, acquireOf(name(number)), name(number));
  }
  return record;
}

const holders = (record: RolloutRecord) => Object.keys(record.slots);

describe("a record of 10,000 hosts", () => {
  it("holds the largest limit and 500 names of hosts that are done, with names of 34 characters", () => {
    const record = filled(largestLimit, nameOf(34), 600);

    const { length } = encodeRecord(record);

    assert.deepEqual([holders(record).length, record.ok.count], [largestLimit, 600]);
    assert.ok(length <= recordLimit, `${length}`);
  });

  it("holds the largest limit with names of 63 characters, as long as one part of a domain name can be", () => {
    const record = filled(largestLimit, nameOf(63), 600);

    assert.deepEqual([holders(record).length, record.ok.count], [largestLimit, 600]);
    assert.ok(encodeRecord(record).length <= recordLimit);
  });

  it("counts on where the names of those that are done no longer fit", () => {
    const name = nameOf(63);
    const record = filled(largestLimit, name, 600);
    const host = name(600);

    const more = after(after(record, fenceOf(host), host), finishOf(host, "ok"), host);

    assert.ok(more.ok.hosts.length < 500);
    assert.equal(more.ok.count, 601);
  });

  it("takes every fence, every outcome and every word of an operator while the largest limit is taken", () => {
    const full = filled(largestLimit, nameOf(63), 600);
    for (let seed = 1; seed <= 3; seed += 1) {
      const random = randomFrom(seed);
      const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
      let record = full;
      for (const host of holders(record)) record = after(record, fenceOf(host), host);
      while (holders(record).length > 0) {
        const host = pick(holders(record));
        record = after(record, finishOf(host, pick(["ok", "failed", "failed", "aborted", "released"])), host);
        record = spoken(record, pick([{ type: "pause" }, { type: "halt", reason: longReason }, { type: "resume" }]));
      }
    }
  });

  it("refuses in one sentence the slot that would make it too large, where names are as long as they can be", () => {
    const name = nameOf(253);
    const full = () => filled(largestLimit, name, 0);

    assert.throws(full, (thrown) => {
      assert.ok(thrown instanceof Failure);
      assert.equal(thrown.code, "record-full");
      assert.match(
        thrown.message,
        /^The rollout record in the store would grow to \d+ bytes, more than the 59392 allowed\./,
      );
      assert.match(thrown.note.remedy ?? "", /group/);
      return true;
    });
    assert.equal(holders(filled(100, name, 0)).length, 100);
  });
  it("takes a halt, and the outcome of a host that could not go back, when no more slots fit into it", () => {
    const name = nameOf(253);
    let record = begun(largestLimit);
    const fill = () => {
      for (let number = 0; number < largestLimit; number += 1) {
        record = after(record, acquireOf(name(number)), name(number));
      }
    };
    assert.throws(fill, (thrown) => thrown instanceof Failure && thrown.code === "record-full");
    const [host = "", other = ""] = holders(record);

    const halted = spoken(record, { type: "halt", reason: longReason });
    const broken = after(after(halted, finishOf(other, "failed"), other), finishOf(host, "broken"), host);

    assert.equal(halted.phase, "halted");
    assert.equal(broken.slots[host]?.state, "broken");
  });
});

/** Whatever an operator says; what was so already changes nothing. */
function spoken(record: RolloutRecord, event: RolloutEvent): RolloutRecord {
  const by = `operator ${"y".repeat(200)}`;
  return verdictOn(record, event, by).verdict === "write" ? after(record, event, by) : record;
}
