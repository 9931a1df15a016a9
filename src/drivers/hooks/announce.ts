import type { Milliseconds } from "../../domain/duration.ts";
import { Failure, failure } from "../../domain/failures/failure.ts";
import { duration, flag, name } from "../../domain/options.ts";
import { type RetryRule, retryWait } from "../../domain/retry.ts";
import type { HttpRequest } from "../../platform/ports.ts";
import { type Authorities, authoritiesIn } from "../authorities.ts";
import type { Hook, HookContext, HookPorts, HookResult } from "./hook.ts";

/** What all hooks that tell somebody about an update have in common. */
export const announcementOptions = {
  timeout: duration({ summary: "For one try; there are three.", default: 5000 }),
  required: flag({
    summary:
      "Let the update wait for the event and fail when it cannot be sent. Otherwise it is sent in the background.",
    default: false,
  }),
  ca: name({
    summary: "A file with the certificates (PEM) of the authorities to trust instead of the built-in ones.",
    example: '"/etc/ssl/private-authority.pem"',
  }),
};

export interface AnnouncementSettings {
  readonly label: string;
  readonly timeout: Milliseconds;
  readonly required: boolean;
  readonly ca: string | undefined;
}

const retries: RetryRule = { first: 500, cap: 5000, tries: 3, longestAsked: 5000 };
/** Of a refusal, for the message. */
const answerLimit = 4096;

/**
 * A hook that sends one HTTP request about an update. It decides nothing unless it is `required`. A request that got no
 * answer, or one of 408, 429 and 5xx, is tried again with backoff and jitter; an event may so arrive twice, never is it lost
 * for one cut connection.
 */
export function announcement(
  options: AnnouncementSettings,
  ports: HookPorts,
  request: (context: HookContext) => Announced,
): Hook {
  const authorities = authoritiesIn(options.ca);
  return {
    label: options.label,
    decides: options.required,
    async run(context): Promise<HookResult> {
      const begin = ports.clock.monotonic();
      const problem = await send({ ...request(context), trusted: authorities }, options, ports, context.signal);
      const time = { duration: ports.clock.monotonic() - begin };
      if (problem === undefined) return { outcome: "done", ...time };
      const reason = problem.endsWith(".") ? problem : `${problem}.`;
      return { outcome: "failed", failure: failure("hook-event-lost", { hook: options.label, reason }).note, ...time };
    },
  };
}

type Announced = Pick<HttpRequest, "method" | "url" | "headers" | "body">;
type Sending = Announced & { readonly trusted: Authorities };
interface Try {
  readonly problem?: string;
  readonly again?: boolean;
}

async function send(
  request: Sending,
  options: { readonly timeout: Milliseconds },
  { http, clock, random, conceal }: HookPorts,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (let tries = 1; ; tries++) {
    using limit = clock.deadline(options.timeout, () => new Error("no answer in time"), signal);
    const { problem, again } = await tryOnce(request, { http, conceal }, limit.signal);
    if (problem === undefined) return undefined;
    if (!again || tries >= retries.tries || signal.aborted) return problem;
    try {
      await clock.sleep(retryWait(retries, tries, random.fraction(), undefined), signal);
    } catch {
      return problem;
    }
  }
}

async function tryOnce(
  { trusted, ...request }: Sending,
  { http, conceal }: Pick<HookPorts, "http" | "conceal">,
  signal: AbortSignal,
): Promise<Try> {
  try {
    const authorities = await trusted.read();
    const answer = await http.request({ ...request, signal, ...(authorities !== undefined && { authorities }) });
    if (answer.status >= 200 && answer.status < 300) {
      answer.discard();
      return {};
    }
    const said = await answer.text(answerLimit).catch(() => "");
    // a server may repeat what it was sent
    const problem = `answer ${answer.status}${oneLine(conceal(said))}`;
    return { problem, again: [408, 429].includes(answer.status) || answer.status >= 500 };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { problem, again: !(error instanceof Failure) || error.passing };
  }
}

function oneLine(said: string): string {
  const line = said.replace(/\s+/g, " ").trim().slice(0, 200);
  return line === "" || line.startsWith("<") ? "" : `: ${line}`;
}
