import { choice, count, flag, name, type Option, text, texts, type Values } from "../../domain/options.ts";
import { authoritiesIn } from "../authorities.ts";
import { clientCertificateIn, clientCertificateOptions } from "../client-certificate.ts";
import { type Address, parseAddress } from "./redis/address.ts";
import type { LinkSettings } from "./redis/link.ts";
import { redisValues } from "./redis/values.ts";
import { defineStore, type Store, type StorePorts } from "./store.ts";

const address: Option<string> = {
  type: "address",
  decode: (raw) =>
    typeof raw === "string" && parseAddress(raw) !== undefined
      ? { value: raw }
      : {
          expected:
            'an address such as "127.0.0.1:6379" or "rediss://redis.example.com:6380", with all else in options of their own',
        },
  summary: "The server, with or without redis:// (or rediss://, which is TLS).",
  default: "127.0.0.1:6379",
  aliases: ["url"],
};

const admitted = choice(["best-effort"])({
  summary:
    "What Redis can promise has to be said here: a fail-over or a crash may lose a write that it acknowledged, and then more hosts than the limit may update at once. Consul, etcd and S3 do not lose one.",
  required: true,
  example: "best-effort",
});

const options = {
  safety: admitted,
  address,
  sentinels: texts({
    summary: "Sentinels that know which server is the master; `address` is not used then.",
    example: '["sentinel1:26379", "sentinel2:26379", "sentinel3:26379"]',
  }),
  master: name({ summary: "The master's name among the sentinels.", default: "mymaster" }),
  user: name({ summary: "User of an access control list; without it, the default user." }),
  password: text({ summary: "Password of the user.", secret: true }),
  database: count(0, 1_000_000)({ summary: "Number of the database.", default: 0 }),
  tls: flag({ summary: "Speak TLS to the server and to the sentinels.", default: false }),
  ca: name({
    summary: "A file with the certificates (PEM) of the authorities to trust instead of the built-in ones.",
    example: "/etc/dropship/redis-ca.pem",
  }),
  ...clientCertificateOptions,
  prefix: name({ summary: "All keys and channels begin with it.", default: "dropship" }),
};

/**
 * Values in Redis or Valkey: hashes that one Lua script changes. No key expires. The library is loaded when the store is first
 * asked.
 */
export const redis = defineStore({
  name: "redis",
  summary:
    'A Redis or Valkey server, at best effort: it may lose what it acknowledged, so `safety = "best-effort"` has to be said.',
  options,
  create: (values, ports): Store => redisValues(settingsOf(values, ports), ports),
});

function settingsOf(values: Values<typeof options>, ports: StorePorts): LinkSettings & { readonly prefix: string } {
  const server = parseAddress(values.address) ?? { host: "127.0.0.1", port: 6379, secure: false };
  const sentinels = (values.sentinels ?? []).map((one) => parseAddress(one, 26379)).filter((one) => one !== undefined);
  const secure = values.tls || (sentinels.length === 0 && server.secure);
  const { read: authorities } = authoritiesIn(values.ca);
  const { read: certificate } = clientCertificateIn(values, () => ports.clock.monotonic());
  const prefix = values.prefix.replace(/[/:]+$/, "");
  const scheme = secure ? "redis over TLS" : "redis";
  const who = sentinels.length > 0 ? `${values.master} of ${sentinels.map(written).join(", ")}` : written(server);
  return {
    place: `${scheme} ${who} (prefix ${prefix})`,
    prefix,
    server,
    ...(sentinels.length > 0 && { sentinels: { addresses: sentinels, master: values.master } }),
    login: { username: values.user, password: values.password },
    database: values.database,
    clock: ports.clock,
    async trust() {
      if (!secure) return undefined;
      const [ca, shown] = await Promise.all([authorities(), certificate()]);
      return { ...(ca !== undefined && { ca }), ...(shown && { cert: shown.certificate, key: shown.key }) };
    },
  };
}

function written({ host, port }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
