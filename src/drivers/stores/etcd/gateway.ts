import { formatDuration, type Milliseconds } from "../../../domain/duration.ts";
import { failure } from "../../../domain/failures/failure.ts";
import type { HttpAnswer, HttpRequest } from "../../../platform/ports.ts";
import { stoppable } from "../../../platform/stoppable.ts";
import { type Asked, ask, callLimit, isUncertain, type StoreAnswer, unanswered, valueLimit } from "../exchange.ts";
import type { StorePorts } from "../store.ts";
import { isTokenRefused, refusal } from "./refusal.ts";
import { type TokenKeeper, tokenKeeper } from "./token.ts";

export interface GatewaySettings {
  readonly place: string;
  /** Without a slash at the end; at least one. */
  readonly endpoints: readonly string[];
  readonly login?: { readonly name: string; readonly password: string };
  readonly ports: StorePorts;
  trust(): Promise<Pick<HttpRequest, "authorities" | "clientCertificate">>;
}

/** One call of etcd's interface. */
export interface Call {
  /** Completes "when asked to …". */
  readonly doing: string;
  /** Such as "kv/range". */
  readonly path: string;
  readonly body: unknown;
  /** Bytes of the answer; default: room for one value. */
  readonly limit?: number;
}

/** The members of a cluster, as one. */
export interface Gateway {
  readonly place: string;
  /** For what may be asked twice: each member in turn, until one answers. Throws when none does, or at a refusal. */
  ask(call: Call, signal: AbortSignal): Promise<StoreAnswer>;
  /** For a swap: the next member only while certainly nothing was sent. An answer that comes back has status 200. */
  tell(call: Call, signal: AbortSignal): Promise<Asked>;
  /** The head of an answer that goes on until the signal aborts. */
  stream(call: Call, signal: AbortSignal): Promise<HttpAnswer>;
}

type Send = (call: Call, token: string | undefined, signal: AbortSignal) => Promise<Asked>;

/** All calls of one gateway prefer the member that answered last, and move on together. */
interface Members {
  /** For each try; one member must not use up the time of the others. */
  readonly share: Milliseconds;
  asking: Send;
  telling: Send;
  requestOf(call: Call, member: number, token: string | undefined): Promise<HttpRequest>;
  preferred(): number;
}

export function createGateway(settings: GatewaySettings): Gateway {
  const { place, endpoints, ports } = settings;
  const members = membersOf(settings);
  const tokens = tokenKeeper(settings, (call, signal) => members.asking(call, undefined, signal));
  const limited = async <Value>(call: Call, signal: AbortSignal, work: (signal: AbortSignal) => Promise<Value>) => {
    const problem = `no answer within ${formatDuration(callLimit)}`;
    const late = () => failure("rollout-store-unanswered", { place, doing: call.doing, problem });
    using whole = ports.clock.deadline(callLimit, late, signal);
    return await work(whole.signal);
  };
  return {
    place,
    async ask(call, signal) {
      const asked = await limited(call, signal, (limit) => withToken(tokens, members.asking, call, limit));
      if (asked.answer === undefined) throw asked.problem;
      if (asked.answer.status !== 200) throw refusal(place, call.doing, asked.answer);
      return asked.answer;
    },
    async tell(call, signal) {
      const asked = await limited(call, signal, (limit) => withToken(tokens, members.telling, call, limit));
      if (asked.answer === undefined || asked.answer.status === 200) return asked;
      const { status } = asked.answer;
      return { problem: refusal(place, call.doing, asked.answer), sent: isUncertain(status) };
    },
    async stream(call, signal) {
      const token = await stoppable(tokens.current(), signal);
      const first = members.preferred();
      for (let turn = 0; ; turn += 1) {
        try {
          const request = await members.requestOf(call, first + turn, token);
          return await ports.http.request({ ...request, signal, headTimeout: members.share });
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          if (turn + 1 >= endpoints.length) throw unanswered({ place }, call.doing, error);
        }
      }
    },
  };
}

function membersOf(settings: GatewaySettings): Members {
  const { endpoints } = settings;
  const share = callLimit / Math.min(endpoints.length, 3);
  let preferred = 0;
  const requestOf = async (call: Call, member: number, token: string | undefined): Promise<HttpRequest> => ({
    method: "POST",
    url: `${endpoints[member % endpoints.length]}/v3/${call.path}`,
    headers: { "content-type": "application/json", ...(token !== undefined && { authorization: token }) },
    body: JSON.stringify(call.body),
    ...(await settings.trust()),
  });
  const askOne = async (
    call: Call,
    member: number,
    token: string | undefined,
    time: Milliseconds,
    signal: AbortSignal,
  ) => {
    const { doing, limit = valueLimit } = call;
    const request = await requestOf(call, member, token);
    const asked = await ask(settings, { doing, request, limit, time, connectTime: share }, signal);
    const good = asked.answer !== undefined && !isUncertain(asked.answer.status);
    // Only if nobody else moved on meanwhile.
    if (!good && preferred === member % endpoints.length) preferred = (preferred + 1) % endpoints.length;
    return { asked, good };
  };
  /** From the preferred member on; `again`: whether the next one may be asked after that. */
  const each =
    (time: Milliseconds, again: (asked: Asked) => boolean): Send =>
    async (call, token, signal) => {
      const first = preferred;
      for (let turn = 0; ; turn += 1) {
        const { asked, good } = await askOne(call, first + turn, token, time, signal);
        const last = signal.aborted || turn + 1 >= endpoints.length;
        if (good || last || !again(asked)) return asked;
      }
    };
  return {
    share,
    requestOf,
    preferred: () => preferred,
    asking: each(share, () => true),
    telling: each(callLimit, (asked) => asked.answer === undefined && !asked.sent),
  };
}

/** etcd refuses an old token before it looks at the call: nothing was done then, and the call may be sent with a new one. */
async function withToken(tokens: TokenKeeper, send: Send, call: Call, signal: AbortSignal): Promise<Asked> {
  const token = await stoppable(tokens.current(), signal);
  const asked = await send(call, token, signal);
  if (token === undefined || asked.answer === undefined || !isTokenRefused(asked.answer)) return asked;
  tokens.drop(token);
  return send(call, await stoppable(tokens.current(), signal), signal);
}
