import { once } from "node:events";
import { connect } from "node:net";
import { type Server, startScript } from "./server.ts";

export interface SwiftOptions {
  /** How long tokens live, in seconds. Default: a day. */
  readonly tokenLife?: number;
}

/** OpenStack Swift with authentication v1. */
export interface Swift extends Server {
  /** The proxy's address; accounts are below `/v1/`. */
  readonly endpoint: string;
  readonly authUrl: string;
  readonly user: string;
  readonly key: string;
}

/** OpenStack Swift behind a real Keystone v3. */
export interface KeystoneSwift extends Server {
  readonly endpoint: string;
  /** Ends in `/v3`. */
  readonly authUrl: string;
  readonly user: string;
  readonly password: string;
  readonly project: string;
  /** Id and name of both domains. */
  readonly domainId: string;
  readonly domainName: string;
  readonly region: string;
  /** Lets Swift forget which tokens are good: it asks Keystone again, and learns which were revoked. */
  forgetTokens(): Promise<void>;
}

/** Processes: memcached, account, container, object, proxy. */
export async function startSwift(options: SwiftOptions = {}): Promise<Swift> {
  const { server, value } = await startScript("swift", "tempauth", String(options.tokenLife ?? 86_400));
  return {
    ...server,
    endpoint: value("ENDPOINT"),
    authUrl: value("AUTH_URL"),
    user: "test:tester",
    key: "testing",
  };
}

/** Processes: those of `startSwift`, and keystone. */
export async function startKeystoneSwift(options: SwiftOptions = {}): Promise<KeystoneSwift> {
  const { server, value } = await startScript("swift", "keystone", String(options.tokenLife ?? 86_400));
  return {
    ...server,
    endpoint: value("ENDPOINT"),
    authUrl: value("AUTH_URL"),
    user: "admin",
    password: "adminpw",
    project: "admin",
    domainId: "default",
    domainName: "Default",
    region: "RegionOne",
    forgetTokens: () => flushCache(Number(value("CACHE_PORT"))),
  };
}

/** memcached's text protocol. */
async function flushCache(port: number): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.write("flush_all\r\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  if (answer.toString() !== "OK\r\n") throw new Error(`memcached answered ${answer}`);
}
