import { flag, name, type Option, text, type Values } from "../../domain/options.ts";
import { authoritiesIn } from "../authorities.ts";
import { clientCertificateIn, clientCertificateOptions } from "../client-certificate.ts";
import { type ConsulKv, consulKv } from "./consul/kv.ts";
import { consulWatch } from "./consul/watch.ts";
import { callLimit } from "./exchange.ts";
import { defineStore, type Store, type StorePorts } from "./store.ts";

const agentAddress: Option<string> = {
  type: "address",
  decode: (raw) =>
    typeof raw === "string" &&
    /^(?:https?:\/\/)?(?:\[[\da-f:.]+\]|[^\s/?#@:[\]]+)(?::\d{1,5})?(?:\/[^\s?#]*)?$/i.test(raw)
      ? { value: raw }
      : { expected: 'an address such as "127.0.0.1:8500" or "https://consul.example.com:8501"' },
  summary: "Address of the Consul agent, with or without http:// or https://.",
  default: "127.0.0.1:8500",
  example: "127.0.0.1:8500",
};

const options = {
  address: agentAddress,
  token: text({
    summary: "ACL token; it needs `write` on the keys below the prefix. Default: CONSUL_HTTP_TOKEN of the environment.",
    secret: true,
  }),
  user: name({ summary: "User for basic authentication, where a proxy asks for it." }),
  password: text({ summary: "Password for basic authentication.", secret: true }),
  useSSL: flag({ summary: "Speak TLS to Consul; https:// in the address says the same.", default: false }),
  ca: name({
    summary: "A file with the certificates (PEM) of the authorities to trust instead of the built-in ones.",
    example: "/etc/dropship/consul-ca.pem",
  }),
  ...clientCertificateOptions,
  prefix: name({ summary: "All keys begin with it.", default: "dropship" }),
  ttl: text({ summary: "Accepted without effect: a slot no longer expires on its own." }),
};

/**
 * Values in the key-value store of Consul, through any of its agents (HTTP API, "KV Store" and "Transactions"). No session and no
 * lock of Consul is used: those end by time, and a slot must not.
 */
export const consul = defineStore({
  name: "consul",
  summary: "The key-value store of a Consul datacenter.",
  options,
  create: (values, ports): Store => storeOf(kvOf(values, ports), ports),
});

function kvOf(values: Values<typeof options>, ports: StorePorts): ConsulKv {
  const { address, prefix, user, password } = values;
  const secure = values.useSSL || /^https:/i.test(address);
  const token = values.token ?? ports.environment["CONSUL_HTTP_TOKEN"] ?? "";
  const base = `${secure ? "https" : "http"}://${address.replace(/^https?:\/\//i, "").replace(/\/+$/, "")}`;
  const folder = prefix.replace(/^\/+|\/+$/g, "");
  const { read: authorities } = authoritiesIn(values.ca);
  const { read: certificate } = clientCertificateIn(values, () => ports.clock.monotonic());
  return consulKv({
    base,
    folder,
    place: `consul ${base} (prefix ${folder})`,
    headers: {
      ...(token !== "" && { "x-consul-token": token }),
      ...(user !== undefined && {
        authorization: `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}`,
      }),
    },
    ports,
    async trust() {
      const [trusted, shown] = await Promise.all([authorities(), certificate()]);
      return { ...(trusted !== undefined && { authorities: trusted }), ...(shown && { clientCertificate: shown }) };
    },
  });
}

function storeOf(kv: ConsulKv, ports: StorePorts): Store {
  return {
    place: kv.place,
    safety: "strict",
    pace: 0,
    async read(key, signal) {
      // "consistent": the leader makes sure first that it still is one, so that no value is stale.
      return (await kv.get(key, "?consistent", callLimit, signal)).entry;
    },
    swap: kv.swap,
    put: kv.put,
    list: kv.keys,
    remove: kv.remove,
    watch: consulWatch(kv, ports),
    close() {
      // The connections belong to the client of the whole process.
    },
  };
}
