import { get } from "node:http";

/** What a client of the service lived through since it last told. */
export interface Experience {
  readonly answered: ReadonlyMap<string, number>;
  /** Requests that got an answer of the kind 5xx. */
  readonly errors: number;
  /** Requests that found nobody who listens. */
  readonly refused: number;
  /** The longest time between two good answers, in milliseconds. */
  readonly longestGap: number;
}

export interface Client {
  /** What happened since the last call. */
  experience(): Experience;
  stop(): void;
}

/** Asks again every so many milliseconds, whatever became of the request before. */
const pace = 20;
const patience = 2000;

/** A client that asks without a pause and hides nothing: no retries, a new connection for each request. */
export function startClient(url: string): Client {
  let answered = new Map<string, number>();
  let errors = 0;
  let refused = 0;
  let longestGap = 0;
  let lastGood: number | undefined;
  const ask = () => {
    const request = get(url, { agent: false, timeout: patience }, (answer) => {
      answer.resume();
      if (answer.statusCode !== 200) {
        errors += 1;
        return;
      }
      const version = String(answer.headers["x-version"]);
      answered.set(version, (answered.get(version) ?? 0) + 1);
      const now = performance.now();
      longestGap = Math.max(longestGap, now - (lastGood ?? now));
      lastGood = now;
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", () => {
      refused += 1;
    });
  };
  const timer = setInterval(ask, pace);
  return {
    experience() {
      const sofar = { answered, errors, refused, longestGap };
      answered = new Map();
      errors = 0;
      refused = 0;
      longestGap = 0;
      return sofar;
    },
    stop: () => clearInterval(timer),
  };
}
