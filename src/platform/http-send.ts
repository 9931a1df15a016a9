import type { ClientRequest } from "node:http";
import { formatDuration, type Milliseconds } from "../domain/duration.ts";
import { failure } from "../domain/failures/failure.ts";
import type { HttpRequest, SentBody } from "./ports.ts";

/**
 * So long a server may think about the head of a request before it gets the body (RFC 9110, section 10.1.1): many do not know
 * the question.
 */
const longestThought: Milliseconds = 1000;

/** Sends the body only when the server wants it: a refusal comes before it, and is not lost in a reset connection. */
export const asking = { expect: "100-continue" };

export function isSent(body: HttpRequest["body"]): body is SentBody {
  return typeof body === "object" && !(body instanceof Uint8Array);
}

export interface Sending {
  readonly address: string;
  /** The longest pause in which nothing of the body is taken. */
  readonly gap: Milliseconds;
  /** The answer is there, or nobody waits for it any more. */
  readonly over: AbortSignal;
}

/**
 * Sends a body as it is read. Resolves when all of it was handed over, or when it is over before that; throws "timed-out" when
 * the other side takes nothing for too long, and what reading the body throws.
 */
export async function sendBody(sent: ClientRequest, body: SentBody, sending: Sending): Promise<void> {
  const { over } = sending;
  sent.flushHeaders();
  await within(sent, "continue", longestThought, over);
  if (over.aborted) return;
  let done = 0;
  for await (const part of body.chunks()) {
    if (over.aborted) return;
    done += part.length;
    if (done > body.length) break;
    if (!sent.write(part)) await taken(sent, "drain", sending);
  }
  if (over.aborted) return;
  if (done !== body.length) throw new TypeError(`a body of ${body.length} bytes had ${done}`);
  sent.end();
  if (!sent.writableFinished) await taken(sent, "finish", sending);
}

async function taken(sent: ClientRequest, event: "drain" | "finish", { address, gap, over }: Sending): Promise<void> {
  if (await within(sent, event, gap, over)) return;
  const stage = "taking the next part of the request";
  throw failure("timed-out", { address, stage, after: formatDuration(gap) });
}

/** False: it did not happen in time. Also ends when it is over. */
function within(sent: ClientRequest, event: string, time: Milliseconds, over: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (happened: boolean) => {
      clearTimeout(timer);
      sent.off(event, happens);
      over.removeEventListener("abort", happens);
      resolve(happened);
    };
    const happens = () => end(true);
    const timer = setTimeout(() => end(false), time);
    if (over.aborted) end(true);
    sent.once(event, happens);
    over.addEventListener("abort", happens, { once: true });
  });
}
