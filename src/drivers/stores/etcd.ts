import { name, type Option, text, url } from "../../domain/options.ts";
import { authoritiesIn } from "../authorities.ts";
import { clientCertificateIn, clientCertificateOptions } from "../client-certificate.ts";
import { createGateway } from "./etcd/gateway.ts";
import { etcdKv } from "./etcd/kv.ts";
import { etcdWatch } from "./etcd/watch.ts";
import { defineStore, type Store } from "./store.ts";

const endpointsExpected = 'addresses such as ["https://etcd1.example.com:2379", "https://etcd2.example.com:2379"]';

const { decode: decodeAddress } = url({ summary: "One member." });

const endpoints: Option<readonly string[]> = {
  type: "list of addresses",
  decode(raw) {
    const list = typeof raw === "string" ? [raw] : raw;
    if (!Array.isArray(list) || list.length === 0) return { expected: endpointsExpected };
    const good = list.every((one) => typeof one === "string" && "value" in decodeAddress(one));
    return good ? { value: list as string[] } : { expected: endpointsExpected };
  },
  summary: "The members of the cluster that may be asked; the next one is tried when one cannot be reached.",
  default: ["http://127.0.0.1:2379"],
  example: '["https://etcd1.example.com:2379", "https://etcd2.example.com:2379"]',
};

/**
 * Values in etcd 3.4 or newer, over the JSON form of its own protocol ("gRPC gateway", path /v3/). No lease and no lock of etcd is
 * used, for beats neither: a lease would have to be kept alive and made anew, and whether a beat changes is judged by who looks.
 */
export const etcd = defineStore({
  name: "etcd",
  summary: "The key-value store of an etcd cluster (version 3.4 or newer).",
  options: {
    endpoints,
    user: name({ summary: "User, where authentication is on; its role needs `readwrite` on the prefix." }),
    password: text({ summary: "Password of the user.", secret: true }),
    ca: name({
      summary: "A file with the certificates (PEM) of the authorities to trust instead of the built-in ones.",
      example: "/etc/dropship/etcd-ca.pem",
    }),
    ...clientCertificateOptions,
    prefix: name({ summary: "All keys begin with it.", default: "dropship" }),
  },
  create(options, ports): Store {
    const prefix = options.prefix.replace(/\/+$/, "");
    const addresses = options.endpoints.map((endpoint) => endpoint.replace(/\/+$/, ""));
    const place = `etcd ${addresses.join(", ")} (prefix ${prefix})`;
    const { read: authorities } = authoritiesIn(options.ca);
    const { read: certificate } = clientCertificateIn(options, () => ports.clock.monotonic());
    const gateway = createGateway({
      place,
      endpoints: addresses,
      ...(options.user !== undefined && { login: { name: options.user, password: options.password ?? "" } }),
      ports,
      async trust() {
        const [trusted, shown] = await Promise.all([authorities(), certificate()]);
        return { ...(trusted !== undefined && { authorities: trusted }), ...(shown && { clientCertificate: shown }) };
      },
    });
    const kv = etcdKv(gateway, prefix);
    return {
      place,
      safety: "strict",
      pace: 0,
      read: async (key, signal) => (await kv.get(key, signal)).entry,
      swap: kv.swap,
      put: kv.put,
      list: kv.keys,
      remove: kv.remove,
      watch: etcdWatch(gateway, kv, ports),
      close() {
        // The connections belong to the client of the whole process.
      },
    };
  },
});
