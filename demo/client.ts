import { get } from "node:http";
import type { Host } from "./world.ts";

/** What one host said when it was asked last: the version that answered, an error, or nobody listened. */
export type Answer = { readonly version: string } | "error" | "refused";

/** What a client of the fleet lived through since it last told. */
export interface Experience {
  readonly answered: ReadonlyMap<string, number>;
  /** How often each host answered with an error. */
  readonly errors: ReadonlyMap<string, number>;
  /** Requests that found nobody who listens. */
  readonly refused: number;
  /** The most hosts without a good answer at the same moment. */
  readonly mostDown: number;
  /** How often all hosts were asked at the same moment. */
  readonly rounds: number;
}

export interface Client {
  /** What each host said last. */
  answers(): ReadonlyMap<string, Answer>;
  /** What happened since the last call. */
  experience(): Experience;
  /** What happened since it began. */
  all(): Experience;
  stop(): void;
}

/** All hosts are asked every so many milliseconds, whatever became of the requests before. */
const pace = 25;
const patience = 2000;

/** A client that asks all hosts at once, without a pause, and hides nothing: no retries, a new connection for each request. */
export function startClient(hosts: readonly Host[]): Client {
  const answers = new Map<string, Answer>();
  const whole = emptyDiary();
  let chapter = emptyDiary();
  const ask = async () => {
    // A round belongs to the chapter in which it was asked.
    const diaries = [whole, chapter];
    const round = await Promise.all(hosts.map(async (host) => [host.name, await answerOf(host.url)] as const));
    for (const [name, answer] of round) answers.set(name, answer);
    for (const diary of diaries) note(diary, round);
  };
  const timer = setInterval(() => void ask(), pace);
  return {
    answers: () => answers,
    experience() {
      const sofar = chapter;
      chapter = emptyDiary();
      return sofar;
    },
    all: () => whole,
    stop: () => clearInterval(timer),
  };
}

interface Diary {
  answered: Map<string, number>;
  errors: Map<string, number>;
  refused: number;
  mostDown: number;
  rounds: number;
}

function emptyDiary(): Diary {
  return { answered: new Map(), errors: new Map(), refused: 0, mostDown: 0, rounds: 0 };
}

function note(diary: Diary, round: readonly (readonly [string, Answer])[]): void {
  diary.rounds += 1;
  diary.mostDown = Math.max(diary.mostDown, round.filter(([, answer]) => typeof answer === "string").length);
  for (const [host, answer] of round) {
    if (answer === "refused") diary.refused += 1;
    else if (answer === "error") diary.errors.set(host, (diary.errors.get(host) ?? 0) + 1);
    else diary.answered.set(answer.version, (diary.answered.get(answer.version) ?? 0) + 1);
  }
}

function answerOf(url: string): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const request = get(url, { agent: false, timeout: patience }, (answer) => {
    answer.resume();
    resolve(answer.statusCode === 200 ? { version: String(answer.headers["x-version"]) } : "error");
  });
  request.on("timeout", () => request.destroy(new Error("no answer")));
  request.on("error", () => resolve("refused"));
  return promise;
}
