import type { Milliseconds } from "../../src/domain/duration.ts";
import { type Failure, failure } from "../../src/domain/failures/failure.ts";
import { callLimit } from "../../src/drivers/stores/exchange.ts";
import type { Store, Swap } from "../../src/drivers/stores/store.ts";
import type { CentralStore } from "./central-store.ts";
import { type Appointment, cancel, type Timeline } from "./timeline.ts";

/** What becomes of one request on its way. */
export type MessageFate =
  | { readonly kind: "answered" }
  /** Certainly nothing was done: no connection, or the store asks for patience. */
  | { readonly kind: "refused" | "busy" }
  /** It never arrives, or its answer never does; nobody can tell which. */
  | { readonly kind: "lost request" | "lost answer" }
  /** It arrives when nobody waits for it any more. */
  | { readonly kind: "late"; readonly by: Milliseconds }
  /** It arrives twice. */
  | { readonly kind: "doubled"; readonly after: Milliseconds }
  /** Its answer takes long. */
  | { readonly kind: "slow"; readonly by: Milliseconds }
  /** The answer shows an older state of the value. */
  | { readonly kind: "stale"; readonly back: number };

/** Who asks: a process on a host, or a person at some machine. */
export interface Caller {
  readonly name: string;
  /** An answer reaches it, if it still lives and once it goes on. */
  hear(then: () => void): void;
}

/** How requests of one caller travel at this moment. */
export interface Path {
  readonly fate: (verb: Verb, key: string) => MessageFate;
  /** One way. */
  readonly delay: () => Milliseconds;
  /** Whether nothing gets through between the caller and the store. */
  readonly cut: () => "open" | "silent" | "refused";
}

export type Verb = "read" | "swap" | "put" | "list" | "remove" | "watch";

export interface LinkParts {
  readonly caller: Caller;
  readonly path: Path;
  readonly store: CentralStore;
  readonly timeline: Timeline;
  readonly pace: Milliseconds;
  readonly note: (what: string, detail: string) => void;
}

type Told<Answer> =
  | { readonly answer: Answer; readonly problem?: undefined }
  | { readonly answer?: undefined; readonly problem: unknown; readonly sent: boolean };

const place = "the simulated store";

/** The store as one process reaches it: every call ends by its answer, its deadline or its signal. */
export function storeThrough(parts: LinkParts): Store {
  const { store, pace } = parts;
  const ask = async <Answer>(verb: Verb, key: string, arrive: () => Answer, signal: AbortSignal): Promise<Answer> => {
    const told = await exchange(parts, verb, key, arrive, signal);
    if (told.answer === undefined) throw told.problem;
    return told.answer;
  };
  const linked: Store = {
    place,
    safety: "strict",
    pace,
    async read(key, signal) {
      let stale = 0;
      const watch = (fate: MessageFate) => {
        if (fate.kind === "stale") stale = fate.back;
      };
      const arrive = () => ({ value: stale > 0 ? store.readStale(key, stale) : store.read(key) });
      const told = await exchange(parts, "read", key, arrive, signal, watch);
      if (told.answer === undefined) throw told.problem;
      return told.answer.value;
    },
    async swap(key, bytes, version, signal) {
      signal.throwIfAborted();
      const told = await exchange<Swap>(parts, "swap", key, () => store.swap(key, bytes, version), signal);
      if (told.answer !== undefined) return told.answer;
      if (!told.sent) throw told.problem;
      return { outcome: "unknown", problem: unanswered("swap").note };
    },
    async put(key, bytes, signal) {
      await ask("put", key, () => ({ done: store.put(key, bytes) }), signal);
    },
    list: (prefix, signal) => ask("list", prefix, () => store.list(prefix), signal),
    async remove(key, signal) {
      await ask("remove", key, () => ({ done: store.remove(key) }), signal);
    },
    close() {},
  };
  if (pace > 0) return linked;
  return { ...linked, watch: (key, version, patience, signal) => watch(parts, key, version, patience, signal) };
}

function unanswered(doing: string): Failure {
  return failure("rollout-store-unanswered", { place, doing, problem: "no answer" });
}

/** One request and its answer. */
function exchange<Answer>(
  { caller, path, store, timeline, note }: LinkParts,
  verb: Verb,
  key: string,
  arrive: () => Answer,
  signal: AbortSignal,
  onFate: (fate: MessageFate) => void = () => {},
): Promise<Told<Answer>> {
  if (signal.aborted) return Promise.resolve({ problem: signal.reason, sent: false });
  store.requests[verb] += 1;
  return new Promise((resolve) => {
    const aborted = () => resolve({ problem: signal.reason, sent: true });
    const settle = (told: Told<Answer>) => {
      signal.removeEventListener("abort", aborted);
      resolve(told);
    };
    signal.addEventListener("abort", aborted, { once: true });
    const begun = timeline.now();
    const cut = path.cut();
    const fate: MessageFate =
      cut === "open" ? path.fate(verb, key) : { kind: cut === "silent" ? "lost request" : "refused" };
    onFate(fate);
    if (fate.kind !== "answered") note(`${verb} is ${fate.kind}`, key);
    const timeOut = () =>
      timeline.at(begun + callLimit, () => caller.hear(() => settle({ problem: unanswered(verb), sent: true })));
    const answer = (told: Told<Answer>) =>
      timeline.in(path.delay() + (fate.kind === "slow" ? fate.by : 0), () => {
        if (path.cut() === "open" && timeline.now() - begun < callLimit) caller.hear(() => settle(told));
        else timeOut();
      });
    const take = (): Told<Answer> => {
      note(verb, key);
      return store.down ? { problem: unanswered(verb), sent: true } : { answer: arrive() };
    };

    switch (fate.kind) {
      case "refused":
        return void timeline.in(path.delay(), () =>
          caller.hear(() => settle({ problem: unanswered(verb), sent: false })),
        );
      case "busy":
        return void answer({ problem: failure("rollout-store-busy", { place, answer: "status 429" }), sent: false });
      case "lost request":
        return void timeOut();
      case "lost answer":
        timeline.in(path.delay(), take);
        return void timeOut();
      case "late":
        timeline.in(callLimit + fate.by, take);
        return void timeOut();
      case "doubled":
        timeline.in(path.delay(), () => answer(take()));
        return void timeline.in(path.delay() + fate.after, take);
      default:
        return void timeline.in(path.delay(), () => answer(take()));
    }
  });
}

/** Asks to be told of a change: the store keeps the question until there is one, or its patience ends. */
function watch(
  parts: LinkParts,
  key: string,
  version: string | undefined,
  patience: Milliseconds,
  signal: AbortSignal,
): Promise<void> {
  const { caller, path, store, timeline, note } = parts;
  if (signal.aborted) return Promise.reject(signal.reason);
  store.requests.watch += 1;
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined;
    let over = false;
    const appointments: Appointment[] = [];
    const end = (then: () => void) => {
      if (over) return;
      over = true;
      stop?.();
      for (const appointment of appointments) cancel(appointment);
      signal.removeEventListener("abort", aborted);
      then();
    };
    const aborted = () => end(() => reject(signal.reason));
    signal.addEventListener("abort", aborted, { once: true });
    const cut = path.cut();
    const fate: MessageFate =
      cut === "open" ? path.fate("watch", key) : { kind: cut === "silent" ? "lost request" : "refused" };
    if (fate.kind === "refused" || fate.kind === "busy") {
      timeline.in(path.delay(), () => caller.hear(() => end(() => reject(unanswered("watch")))));
      return;
    }
    appointments.push(
      timeline.in(patience + callLimit, () => caller.hear(() => end(() => reject(unanswered("watch"))))),
    );
    if (fate.kind === "lost request" || fate.kind === "late") return;
    const tell = () => {
      if (over) return;
      stop?.();
      timeline.in(path.delay(), () => {
        if (path.cut() === "open" && fate.kind !== "lost answer") caller.hear(() => end(resolve));
      });
    };
    timeline.in(path.delay(), () => {
      note("watch", key);
      if (store.down || over) return;
      if (store.read(key)?.version !== version) return tell();
      stop = store.watch(key, tell);
      appointments.push(timeline.in(patience, tell));
    });
  });
}
