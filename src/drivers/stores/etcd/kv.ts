import { failure } from "../../../domain/failures/failure.ts";
import { jsonOf, listLimit, withoutAnswer } from "../exchange.ts";
import type { Swap, Versioned } from "../store.ts";
import type { Gateway } from "./gateway.ts";

export interface Got {
  /** Undefined when there is no such key. Its version is the key's mod_revision, which no two writes share. */
  readonly entry: Versioned | undefined;
  /** The revision of the whole store at which this was so, in decimal digits. */
  readonly revision: string;
}

export interface EtcdKv {
  get(key: string, signal: AbortSignal): Promise<Got>;
  swap(key: string, bytes: Uint8Array, version: string | undefined, signal: AbortSignal): Promise<Swap>;
  put(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  remove(key: string, signal: AbortSignal): Promise<void>;
  keys(prefix: string, signal: AbortSignal): Promise<readonly string[]>;
  /** The key as it stands in a call. */
  encoded(key: string): string;
}

/** 64-bit numbers are texts, bytes are base64, and what is zero, false or empty is left out (proto3's JSON). */
interface Answer {
  readonly header?: { readonly revision?: unknown };
  readonly kvs?: readonly { readonly key?: unknown; readonly value?: unknown; readonly mod_revision?: unknown }[];
  readonly succeeded?: boolean;
}

export function etcdKv(gateway: Gateway, prefix: string): EtcdKv {
  const { place } = gateway;
  const encoded = (key: string) => base64(`${prefix}/${key}`);
  return {
    encoded,
    async get(key, signal) {
      // Not "serializable": the member makes sure that its answer is not older than the question.
      const body = { key: encoded(key) };
      const { text } = await gateway.ask({ doing: `read ${key}`, path: "kv/range", body }, signal);
      return gotOf(place, key, jsonOf({ place }, key, text) as Answer | null);
    },
    async swap(key, bytes, version, signal) {
      // What is no revision is at no state of the key; 0 would mean "where there is none".
      if (version !== undefined && !isRevision(version)) return { outcome: "conflict" };
      const doing = `change ${key}`;
      const name = encoded(key);
      const body = {
        // mod_revision, and not version: that one begins anew when a key is removed and made again
        compare: [{ key: name, target: "MOD", result: "EQUAL", mod_revision: version ?? "0" }],
        success: [{ request_put: { key: name, value: base64(bytes) } }],
      };
      const asked = await gateway.tell({ doing, path: "kv/txn", body }, signal);
      return asked.answer ? swapOf(place, key, asked.answer.text) : withoutAnswer({ place }, doing, asked);
    },
    async put(key, bytes, signal) {
      const body = { key: encoded(key), value: base64(bytes) };
      await gateway.ask({ doing: `write ${key}`, path: "kv/put", body }, signal);
    },
    async remove(key, signal) {
      await gateway.ask({ doing: `remove ${key}`, path: "kv/deleterange", body: { key: encoded(key) } }, signal);
    },
    async keys(folder, signal) {
      // All keys from "…/" up to, and without, "…0": "0" is what comes after "/".
      const range_end = base64(`${prefix}/${folder.slice(0, -1)}0`);
      const body = { key: encoded(folder), range_end, keys_only: true };
      const call = { doing: `list ${folder}`, path: "kv/range", body, limit: listLimit };
      const { kvs = [] } = (jsonOf({ place }, folder, (await gateway.ask(call, signal)).text) as Answer | null) ?? {};
      return kvs.map(({ key }) =>
        Buffer.from(String(key), "base64")
          .toString()
          .slice(prefix.length + 1),
      );
    },
  };
}

function gotOf(place: string, key: string, answer: Answer | null): Got {
  const revision = answer?.header?.revision;
  const row = answer?.kvs?.[0];
  const { mod_revision: version, value = "" } = row ?? {};
  if (isRevision(revision)) {
    if (row === undefined) return { entry: undefined, revision };
    if (isRevision(version) && typeof value === "string") {
      return { entry: { bytes: Buffer.from(value, "base64"), version }, revision };
    }
  }
  throw failure("rollout-store-nonsense", { place, key, problem: "it is no answer of etcd to a read" });
}

/** The revision of the answer is the one that the write came to. */
function swapOf(place: string, key: string, text: string): Swap {
  const { header, succeeded } = transactionOf(text) ?? {};
  if (!isRevision(header?.revision)) {
    const problem = "it is no answer of etcd to a transaction";
    return { outcome: "unknown", problem: failure("rollout-store-nonsense", { place, key, problem }).note };
  }
  return succeeded === true ? { outcome: "swapped", version: header.revision } : { outcome: "conflict" };
}

function transactionOf(text: string): Answer | undefined {
  try {
    return (JSON.parse(text) as Answer | null) ?? undefined;
  } catch {
    return undefined;
  }
}

export function isRevision(value: unknown): value is string {
  return typeof value === "string" && /^[1-9]\d{0,18}$/.test(value);
}

function base64(value: string | Uint8Array): string {
  return Buffer.from(value as Uint8Array).toString("base64");
}
