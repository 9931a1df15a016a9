import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeRecord } from "../../src/domain/rollout/record-text.ts";
import { blank } from "../../src/domain/rollout/start.ts";
import { createRecordReader } from "../../src/rollout/record-reader.ts";
import { never, space, world } from "./hosts.ts";

const record = (seq: number) => ({ ...blank, seq, writer: { host: "web-1", operation: `${seq}`, event: "start" } });
const text = (seq: number) => new TextDecoder().decode(encodeRecord(record(seq), "memory"));

test("an answer that was on its way while this process wrote the record is not built on", async () => {
  const { store, clock, random } = world();
  store.set(space.record, text(1));
  const reader = createRecordReader({ store, key: space.record, clock, random }, () => 0);

  const reading = reader.read(never);
  // The store has looked, and its answer is on its way.
  clock.at(clock.monotonic() + 1.5, () => {
    store.set(space.record, text(2));
    reader.wrote(record(2), "written");
  });
  const seen = await clock.run(reading);

  assert.equal(seen?.record?.seq, 2);
  assert.equal(reader.last()?.record?.seq, 2);
});

test("the answer to an earlier write that comes after that to a later one is not built on", () => {
  const { store, clock, random } = world();
  const reader = createRecordReader({ store, key: space.record, clock, random }, () => 0);

  reader.wrote(record(10), "later");
  reader.wrote(record(9), "earlier");

  assert.equal(reader.last()?.record?.seq, 10);
});
