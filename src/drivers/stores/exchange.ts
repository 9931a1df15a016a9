import { formatDuration, type Milliseconds } from "../../domain/duration.ts";
import { Failure, type FailureNote, failure } from "../../domain/failures/failure.ts";
import type { HttpRequest } from "../../platform/ports.ts";
import type { StorePorts } from "./store.ts";

/** The longest that one call of a store takes. */
export const callLimit: Milliseconds = 10_000;

/** A value is 64 KiB at most, a third more in base64; room for what stands around it. */
export const valueLimit = 1024 * 1024;
/** The keys of some 100,000 hosts. */
export const listLimit = 16 * 1024 * 1024;

const decoder = new TextDecoder();

/** Whose words its troubles are told in: of a store where hosts meet (left out), or of one that is published to. */
export interface Told {
  readonly place: string;
  readonly kind?: "rollout" | "object";
}

/** A store that is asked over HTTP. */
export interface Respondent extends Told {
  readonly ports: Pick<StorePorts, "http" | "clock">;
}

export interface Question {
  /** Completes "when asked to …": "read web/default/record". */
  readonly doing: string;
  readonly request: Omit<HttpRequest, "signal" | "onConnected" | "headTimeout">;
  /** Bytes of the answer that are read. */
  readonly limit: number;
  /** For the whole exchange. */
  readonly time: Milliseconds;
  /** For the connection, where that is to be shorter. */
  readonly connectTime?: Milliseconds;
  /** For the answer alone, when a long body was sent. */
  readonly answerTime?: Milliseconds;
}

export interface StoreAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** False: nothing marked the end of the body, so that a cut would look like it. */
  readonly framed: boolean;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** `sent`: the store may have heard the question. Without it, certainly nothing was done. */
export type Asked =
  | { readonly answer: StoreAnswer }
  | { readonly answer?: undefined; readonly problem: unknown; readonly sent: boolean };

/** Asks once, and never again by itself. The problem is the signal's reason, or a failure that names the store. */
export async function ask(respondent: Respondent, question: Question, signal: AbortSignal): Promise<Asked> {
  const { ports } = respondent;
  const { doing, request, limit, time, connectTime = time } = question;
  const late = (what: string, after: Milliseconds) => () =>
    silence(respondent, doing, `no ${what} within ${formatDuration(after)}`);
  let sent = false;
  using whole = ports.clock.deadline(time, late("answer", time), signal);
  using connecting = ports.clock.deadline(connectTime, late("connection", connectTime));
  try {
    signal.throwIfAborted();
    const answer = await ports.http.request({
      ...request,
      signal: AbortSignal.any([whole.signal, connecting.signal]),
      headTimeout: question.answerTime ?? time,
      onConnected() {
        sent = true;
        connecting[Symbol.dispose]();
      },
    });
    const { status, headers, framed } = answer;
    const bytes = await answer.bytes(limit);
    return { answer: { status, headers, framed, bytes, text: decoder.decode(bytes) } };
  } catch (error) {
    return { problem: signal.aborted ? signal.reason : unanswered(respondent, doing, error), sent };
  }
}

/** The answer of a store to somebody who changes nothing, or for whom it does not matter whether it was done. */
export async function answerOf(respondent: Respondent, question: Question, signal: AbortSignal): Promise<StoreAnswer> {
  const asked = await ask(respondent, question, signal);
  if (asked.answer === undefined) throw asked.problem;
  return asked.answer;
}

/** What a swap comes to that got no answer: thrown when certainly nothing was written, else noted as unknown. */
export function withoutAnswer(
  told: Told,
  doing: string,
  { problem, sent }: { readonly problem: unknown; readonly sent: boolean },
): { readonly outcome: "unknown"; readonly problem: FailureNote } {
  if (!sent) throw problem;
  const known = problem instanceof Failure ? problem : undefined;
  return { outcome: "unknown", problem: (known ?? silence(told, doing, "it was told to stop waiting")).note };
}

/** A failure on the way that may pass is one of this store; one that stays (a certificate, an address) says it better itself. */
export function unanswered(told: Told, doing: string, error: unknown): unknown {
  if (!(error instanceof Failure) || !error.passing || error.code.endsWith("-store-unanswered")) return error;
  return silence(told, doing, error.message.replace(/\.$/, ""), error);
}

export function silence({ place, kind = "rollout" }: Told, doing: string, problem: string, cause?: unknown): Failure {
  return failure(`${kind}-store-unanswered`, { place, doing, problem }, cause);
}

/** After these nobody knows what was done: the server, or one on the way to it, gave up in the middle. */
export function isUncertain(status: number): boolean {
  return status >= 500 || status === 408;
}

/** What a status means that no good answer has. */
export function refusalOf(told: Told, doing: string, status: number, said: string, cause?: unknown): Failure {
  const { place, kind = "rollout" } = told;
  const answer = `status ${status}${said.trim() === "" ? "" : ` (${said.trim().slice(0, 200)})`}`;
  if (status === 429) return failure(`${kind}-store-busy`, { place, answer }, cause);
  if (isUncertain(status)) return silence(told, doing, `it answered with ${answer}`, cause);
  return failure(`${kind}-store-refused`, { place, doing, answer });
}

/** The JSON of an answer, whatever it is; throws "rollout-store-nonsense". */
export function jsonOf({ place }: Told, key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw failure("rollout-store-nonsense", { place, key, problem: "the answer is no JSON" }, cause);
  }
}
