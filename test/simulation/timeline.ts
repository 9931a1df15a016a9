import type { Milliseconds } from "../../src/domain/duration.ts";

/** The one time of a simulated world. It passes only when nobody can do anything else: an hour of waiting takes no time. */
export interface Timeline {
  now(): Milliseconds;
  /** Does something at a moment; of two at one moment, the one that was asked for first. */
  at(moment: Milliseconds, then: () => void): Appointment;
  in(duration: Milliseconds, then: () => void): Appointment;
  /** Lets the world go on until `end`, or until `over` says so. */
  run(end: Milliseconds, over: () => boolean): Promise<void>;
  /** So many things happened. */
  steps(): number;
}

/** Something that is to happen; `cancel` takes it back. */
export interface Appointment {
  readonly due: Milliseconds;
  readonly order: number;
  act: (() => void) | undefined;
}

export function cancel(appointment: Appointment | undefined): void {
  if (appointment) appointment.act = undefined;
}

/** So often the machine itself gets its turn: to clear away what nobody holds any more. */
const breath = 4096;

export function createTimeline(): Timeline {
  const heap: Appointment[] = [];
  let now = 0;
  let order = 0;
  let steps = 0;

  const timeline: Timeline = {
    now: () => now,
    steps: () => steps,
    at(moment, then) {
      order += 1;
      const appointment = { due: Math.max(now, moment), order, act: then };
      push(heap, appointment);
      return appointment;
    },
    in: (duration, then) => timeline.at(now + Math.max(0, duration), then),
    async run(end, over) {
      await drained();
      while (!over()) {
        const next = heap[0];
        if (next === undefined || next.due > end) {
          now = Math.max(now, end);
          return;
        }
        pop(heap);
        const { act } = next;
        if (act === undefined) continue;
        now = next.due;
        steps += 1;
        act();
        await (steps % breath === 0 ? aBreath() : drained());
      }
    },
  };
  return timeline;
}

/** Resolves when no promise can go on any more: a tick comes after all of them. */
function drained(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function aBreath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(one: Appointment, other: Appointment): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}

function push(heap: Appointment[], added: Appointment): void {
  let place = heap.length;
  heap.push(added);
  while (place > 0) {
    const above = (place - 1) >> 1;
    const parent = heap[above] as Appointment;
    if (!isBefore(added, parent)) break;
    heap[place] = parent;
    place = above;
  }
  heap[place] = added;
}

function pop(heap: Appointment[]): void {
  const last = heap.pop() as Appointment;
  if (heap.length === 0) return;
  let place = 0;
  for (;;) {
    let below = 2 * place + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1] as Appointment, heap[below] as Appointment)) below += 1;
    const child = heap[below] as Appointment;
    if (!isBefore(child, last)) break;
    heap[place] = child;
    place = below;
  }
  heap[place] = last;
}
