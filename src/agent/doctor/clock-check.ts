import type { Clock, HttpClient } from "../../platform/ports.ts";
import { type Check, ok, type Verdict, warning } from "./finding.ts";

/** How far the wall clock of this host is from that of a server; positive: this host is ahead. */
interface Offset {
  readonly server: string;
  readonly seconds: number;
}

/** The same client, which notes what time the servers think it is. */
export interface WatchedClient {
  readonly http: HttpClient;
  readonly offsets: readonly Offset[];
}

/** The Date of an answer has whole seconds, and was written somewhere between the question and the answer. */
export function watchClocks(http: HttpClient, clock: Clock): WatchedClient {
  const offsets: Offset[] = [];
  return {
    offsets,
    http: {
      async request(request) {
        const asked = clock.wall();
        const answer = await http.request(request);
        const said = Date.parse(answer.headers["date"] ?? "");
        // A cached answer has the date of its first sending.
        if (Number.isFinite(said) && answer.headers["age"] === undefined) {
          const middle = (asked + clock.wall()) / 2;
          offsets.push({ server: new URL(request.url).host, seconds: (middle - said - 500) / 1000 });
        }
        return answer;
      },
    },
  };
}

const tolerated = 30;

/** Judges what the other checks met, so it comes after them. */
export function clockCheck(offsets: readonly Offset[]): Check {
  return { name: "clock", deadline: 1000, run: async () => judgeClock(offsets) };
}

function judgeClock(offsets: readonly Offset[]): Verdict {
  const worst = offsets.toSorted((one, other) => Math.abs(other.seconds) - Math.abs(one.seconds))[0];
  if (worst === undefined) return ok("No server that was asked says what time it is, so the clock was not judged.");
  const away = Math.round(Math.abs(worst.seconds));
  if (away <= tolerated)
    return ok(`The clock of this host agrees with that of ${worst.server} (within ${away + 1} s).`);
  return warning(
    `The clock of this host is ${away} s ${worst.seconds > 0 ? "ahead of" : "behind"} that of ${worst.server}; only windows, signed requests and what people read depend on it.`,
    "Let it be set by the network: timedatectl set-ntp true, or chrony.",
  );
}
