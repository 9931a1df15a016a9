import { formatDuration, type Milliseconds } from "../../../domain/duration.ts";
import { failure } from "../../../domain/failures/failure.ts";
import type { Clock } from "../../../platform/ports.ts";
import { stoppable } from "../../../platform/stoppable.ts";
import { callLimit, unanswered } from "../exchange.ts";
import type { Address } from "./address.ts";
import type { Client } from "./client.ts";
import { refusalOf } from "./refusal.ts";

/** What node:tls takes. */
export interface Trust {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface LinkSettings {
  readonly place: string;
  readonly server: Address;
  /** Instead of `server`. */
  readonly sentinels?: { readonly addresses: readonly Address[]; readonly master: string };
  readonly login: { readonly username: string | undefined; readonly password: string | undefined };
  readonly database: number;
  readonly clock: Clock;
  /** Undefined: no TLS. */
  trust(): Promise<Trust | undefined>;
}

/** What came of a command. `sent`: the server may have done it. */
export type Ran = { readonly reply: unknown } | { readonly problem: unknown; readonly sent: boolean };

/** The way to one server: a connection that is made when it is needed, and a new one after it broke. */
export interface Link {
  /** Sends a command, once. The problem is the signal's reason, or a failure that names the store. */
  run(doing: string, command: readonly (string | Buffer)[], signal: AbortSignal): Promise<Ran>;
  /** Calls `heard` for each message of the channel, over a connection of its own; the result ends that. */
  listen(channel: string, heard: () => void, signal: AbortSignal): Promise<() => void>;
  close(): void;
}

const listenLimit: Milliseconds = 3_000;

export function createLink(settings: LinkSettings): Link {
  const { place, clock } = settings;
  const commands = connectionKeeper(settings);
  const messages = connectionKeeper(settings);
  const late = (doing: string) => () => {
    const problem = `no answer within ${formatDuration(callLimit)}`;
    return failure("rollout-store-unanswered", { place, doing, problem });
  };
  return {
    async run(doing, command, signal) {
      using limit = clock.deadline(callLimit, late(doing), signal);
      let client: Client | undefined;
      let sent = false;
      try {
        client = await commands.current(limit.signal);
        limit.signal.throwIfAborted();
        sent = true;
        const told = await stoppable(client.send(command), limit.signal);
        if ("reply" in told) return { reply: told.reply };
        if ("refused" in told) return { problem: refusalOf(settings, doing, told.refused), sent: false };
        return { problem: unanswered(settings, doing, told.broken), sent: !told.unsent };
      } catch (problem) {
        // A connection that does not answer in time is given up; one that a caller only lost interest in serves others.
        if (!signal.aborted) client?.destroy();
        return { problem, sent };
      }
    },
    async listen(channel, heard, signal) {
      const client = await messages.current(signal);
      using limit = clock.deadline(listenLimit, late(`listen to ${channel}`), signal);
      try {
        await stoppable(client.subscribe(channel, heard), limit.signal);
      } catch (problem) {
        if (!signal.aborted) client.destroy();
        throw problem;
      }
      return () => client.unsubscribe(channel, heard);
    },
    close() {
      commands.close();
      messages.close();
    },
  };
}

interface ConnectionKeeper {
  /** Made anew when the last one broke; once for all who wait. */
  current(signal: AbortSignal): Promise<Client>;
  close(): void;
}

function connectionKeeper(settings: LinkSettings): ConnectionKeeper {
  let ready: Client | undefined;
  let opening: Promise<Client> | undefined;
  let closed = false;
  const open = async () => {
    try {
      const { openClient } = await import("./open-client.ts");
      const client = await openClient(settings);
      if (closed) client.destroy();
      ready = client;
      return client;
    } finally {
      opening = undefined;
    }
  };
  return {
    async current(signal) {
      if (closed)
        throw failure("rollout-store-unanswered", {
          place: settings.place,
          doing: "connect",
          problem: "it was closed",
        });
      if (ready?.isReady()) return ready;
      opening ??= open();
      return stoppable(opening, signal);
    },
    close() {
      closed = true;
      ready?.destroy();
    },
  };
}
