import { ClientClosedError, ClientOfflineError, createClient, ErrorReply, RESP_TYPES } from "@redis/client";
import type { Milliseconds } from "../../../domain/duration.ts";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import { exchangeFailure } from "../../../platform/http-failure.ts";
import { stoppable } from "../../../platform/stoppable.ts";
import { unanswered } from "../exchange.ts";
import type { Address } from "./address.ts";
import type { LinkSettings } from "./link.ts";
import { refusalOf } from "./refusal.ts";

/** What a command comes to. `unsent`: it certainly never left this host. */
export type Sent =
  | { readonly reply: unknown }
  /** Redis's own word: "NOPERM this user has no permissions …". Nothing was done. */
  | { readonly refused: string }
  | { readonly broken: Failure; readonly unsent: boolean };

/** One connection, which is never made anew: what it breaks under is told to whoever waits, and not sent again. */
export interface Client {
  isReady(): boolean;
  /** Never rejects. Texts in the reply are bytes. */
  send(command: readonly (string | Buffer)[]): Promise<Sent>;
  subscribe(channel: string, heard: () => void): Promise<void>;
  unsubscribe(channel: string, heard: () => void): void;
  destroy(): void;
}

/** For connecting; and once more for logging in, which a server that hangs does not answer. */
export const stepLimit: Milliseconds = 3_000;

/** Connects to one server and logs in. Throws a failure that names the store. */
export async function connectTo(
  settings: LinkSettings,
  { host, port }: Address,
  login: { readonly username: string | undefined; readonly password: string | undefined; readonly database: number },
): Promise<Client> {
  const trust = await settings.trust();
  const reach = { host, port, connectTimeout: stepLimit, reconnectStrategy: false as const };
  const { username, password, database } = login;
  const inner = createClient({
    RESP: 2,
    socket: trust ? { ...reach, ...trust, tls: true, rejectUnauthorized: true } : reach,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(database !== 0 && { database }),
    // A command that cannot be sent now is not kept for later, and no server may send us elsewhere.
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    disableClientInfo: true,
  });
  let cause: unknown;
  // Without a listener an error would end the process; after one, replies may no longer fit their commands.
  inner.on("error", (error) => {
    cause ??= error;
    inner.destroy();
  });
  const brokenBy = (error: unknown) => exchangeFailure(`${host}:${port}`, cause ?? error);
  const doing = `connect to ${host}:${port}`;
  const late = () =>
    failure("rollout-store-unanswered", { place: settings.place, doing, problem: "no answer in time" });
  using limit = settings.clock.deadline(2 * stepLimit, late);
  try {
    await stoppable(inner.connect(), limit.signal);
  } catch (error) {
    inner.destroy();
    if (error instanceof ErrorReply) throw refusalOf(settings, doing, error.message);
    throw error instanceof Failure ? error : unanswered(settings, doing, brokenBy(error));
  }
  return {
    isReady: () => inner.isReady,
    async send(command) {
      try {
        const typeMapping = { [RESP_TYPES.BLOB_STRING]: Buffer };
        return { reply: await inner.sendCommand([...command], { typeMapping }) };
      } catch (error) {
        if (error instanceof ErrorReply) return { refused: error.message };
        const unsent = error instanceof ClientClosedError || error instanceof ClientOfflineError;
        return { broken: brokenBy(error), unsent };
      }
    },
    subscribe: (channel, heard) => inner.subscribe(channel, heard),
    unsubscribe(channel, heard) {
      if (inner.isReady) inner.unsubscribe(channel, heard).catch(() => undefined);
    },
    destroy: () => inner.destroy(),
  };
}
