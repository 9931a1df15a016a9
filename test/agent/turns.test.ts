import assert from "node:assert/strict";
import { test } from "node:test";
import { createTurns } from "../../src/agent/turns.ts";

test("no more than the limit hold a turn, and those who wait are served in order", async () => {
  const turns = createTurns(2);
  const order: number[] = [];
  const first = await turns.take();
  const second = await turns.take();
  const waiting = [3, 4].map((number) =>
    turns.take().then((turn) => {
      order.push(number);
      return turn;
    }),
  );
  await Promise.resolve();
  assert.deepEqual(order, []);

  second[Symbol.dispose]();
  const third = await waiting[0];
  assert.deepEqual(order, [3]);
  first[Symbol.dispose]();
  const fourth = await waiting[1];

  assert.deepEqual(order, [3, 4]);
  third?.[Symbol.dispose]();
  fourth?.[Symbol.dispose]();
  (await turns.take())[Symbol.dispose]();
});

test("a turn given back twice makes room once", async () => {
  const turns = createTurns(1);
  const first = await turns.take();
  first[Symbol.dispose]();
  const second = await turns.take();
  first[Symbol.dispose]();
  let admitted = false;
  const third = turns.take().then((turn) => {
    admitted = true;
    return turn;
  });
  await new Promise((resolve) => setImmediate(resolve));

  assert.equal(admitted, false);
  second[Symbol.dispose]();
  (await third)[Symbol.dispose]();
});

test("who gives up waiting leaves the queue and takes nobody's turn", async () => {
  const turns = createTurns(1);
  const first = await turns.take();
  const patience = new AbortController();
  const impatient = turns.take(patience.signal);
  const patient = turns.take();

  patience.abort(new Error("enough"));

  await assert.rejects(impatient, /enough/);
  first[Symbol.dispose]();
  (await patient)[Symbol.dispose]();
  await assert.rejects(async () => turns.take(patience.signal), /enough/);
});
