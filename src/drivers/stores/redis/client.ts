import { ClientClosedError, ClientOfflineError, createClient, ErrorReply, RESP_TYPES } from "@redis/client";
import type { Milliseconds } from "../../../domain/duration.ts";
import { exchangeFailure } from "../../../platform/http-failure.ts";
import { unanswered } from "../exchange.ts";
import type { Address } from "./address.ts";
import type { LinkSettings } from "./link.ts";
import { refusalOf } from "./refusal.ts";

/** What a command comes to. `unsent`: it certainly never left this host. */
export type Sent =
  | { readonly reply: unknown }
  /** Redis's own word: "NOPERM this user has no permissions …". Nothing was done. */
  | { readonly refused: string }
  | { readonly broken: unknown; readonly unsent: boolean };

/** One connection, which is never made anew: what it breaks under is told to whoever waits, and not sent again. */
export interface Client {
  isReady(): boolean;
  /** Never rejects. Texts in the reply are bytes. */
  send(command: readonly (string | Buffer)[]): Promise<Sent>;
  subscribe(channel: string, heard: () => void): Promise<void>;
  unsubscribe(channel: string, heard: () => void): void;
  destroy(): void;
}

const connectLimit: Milliseconds = 3_000;

/** Connects to one server and logs in. Throws a failure that names the store. */
export async function connectTo(
  settings: LinkSettings,
  { host, port }: Address,
  login: { readonly username: string | undefined; readonly password: string | undefined; readonly database: number },
): Promise<Client> {
  const trust = await settings.trust();
  const reach = { host, port, connectTimeout: connectLimit, reconnectStrategy: false as const };
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
  // Without a listener an error would end the process; after one, replies may no longer fit their commands.
  inner.on("error", () => inner.destroy());
  const doing = `connect to ${host}:${port}`;
  try {
    await inner.connect();
  } catch (error) {
    inner.destroy();
    if (error instanceof ErrorReply) throw refusalOf(settings, doing, error.message);
    throw unanswered(settings.place, doing, exchangeFailure(`${host}:${port}`, error));
  }
  return {
    isReady: () => inner.isReady,
    async send(command) {
      try {
        const typeMapping = { [RESP_TYPES.BLOB_STRING]: Buffer };
        return { reply: await inner.sendCommand([...command], { typeMapping }) };
      } catch (error) {
        if (error instanceof ErrorReply) return { refused: error.message };
        return { broken: error, unsent: error instanceof ClientClosedError || error instanceof ClientOfflineError };
      }
    },
    subscribe: (channel, heard) => inner.subscribe(channel, heard),
    unsubscribe(channel, heard) {
      if (inner.isReady) inner.unsubscribe(channel, heard).catch(() => undefined);
    },
    destroy: () => inner.destroy(),
  };
}
