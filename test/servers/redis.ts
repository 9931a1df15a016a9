import { type Certificates, certificatesIn } from "./certificates.ts";
import { type Place, type Server, startScript, startScriptAt } from "./server.ts";

export interface Redis extends Server {
  /** `127.0.0.1:port` */
  readonly address: string;
}

export async function startRedis(place: Place = {}): Promise<Redis> {
  const { server, value } = await startScriptAt(place, "redis");
  return { ...server, address: value("ADDRESS") };
}

export async function startGuardedRedis(): Promise<Redis & { readonly password: string }> {
  const { server, value } = await startScript("redis", "password");
  return { ...server, address: value("ADDRESS"), password: value("PASSWORD") };
}

/** Speaks TLS only and wants a certificate of whoever asks. */
export async function startSecureRedis(): Promise<Redis & { readonly certificates: Certificates }> {
  const { server, value } = await startScript("redis", "tls");
  return { ...server, address: value("ADDRESS"), certificates: certificatesIn(value("CERTIFICATES")) };
}

export interface SentinelRedis extends Redis {
  readonly sentinels: readonly string[];
  readonly replica: string;
}

/** The primary "redis0" at `address`, its replica "redis1", and three sentinels that call them "m". */
export async function startSentinelRedis(place: Place = {}): Promise<SentinelRedis> {
  const { server, value } = await startScriptAt(place, "redis", "sentinel");
  return {
    ...server,
    address: value("ADDRESS"),
    sentinels: value("SENTINELS").split(" "),
    replica: value("REPLICA"),
  };
}
