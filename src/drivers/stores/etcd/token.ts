import { failure } from "../../../domain/failures/failure.ts";
import { type Asked, callLimit } from "../exchange.ts";
import type { Call, GatewaySettings } from "./gateway.ts";
import { refusal } from "./refusal.ts";

export interface TokenKeeper {
  /** The token to send along; undefined where nobody has to log in. */
  current(): Promise<string | undefined>;
  /** This token was refused. */
  drop(token: string): void;
}

/** Logs in when a token is first needed and after each `drop`, once for all who wait; a refusal is not kept. */
export function tokenKeeper(
  settings: GatewaySettings,
  ask: (call: Call, signal: AbortSignal) => Promise<Asked>,
): TokenKeeper {
  const { login } = settings;
  let kept: string | undefined;
  let running: Promise<string> | undefined;
  return {
    async current() {
      if (login === undefined || kept !== undefined) return kept;
      running ??= authenticate(settings, login, ask)
        .then((token) => {
          kept = token;
          return token;
        })
        .finally(() => {
          running = undefined;
        });
      return running;
    },
    drop(token) {
      if (kept === token) kept = undefined;
    },
  };
}

async function authenticate(
  { place, ports }: GatewaySettings,
  login: { readonly name: string; readonly password: string },
  ask: (call: Call, signal: AbortSignal) => Promise<Asked>,
): Promise<string> {
  const doing = `log in as ${login.name}`;
  using limit = ports.clock.deadline(callLimit, () =>
    failure("rollout-store-unanswered", { place, doing, problem: "no answer in time" }),
  );
  const asked = await ask({ doing, path: "auth/authenticate", body: login }, limit.signal);
  if (asked.answer === undefined) throw asked.problem;
  const { answer } = asked;
  if (answer.status !== 200) throw refusal(place, doing, answer);
  const token = /"token"\s*:\s*"([^"\\]+)"/.exec(answer.text)?.[1];
  if (token === undefined) {
    throw failure("rollout-store-nonsense", { place, key: "auth/authenticate", problem: "there is no token in it" });
  }
  return token;
}
