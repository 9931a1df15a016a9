import type { Milliseconds } from "../../../domain/duration.ts";
import { type Failure, failure } from "../../../domain/failures/failure.ts";
import type { HttpRequest } from "../../../platform/ports.ts";
import {
  answerOf,
  ask,
  callLimit,
  isUncertain,
  jsonOf,
  listLimit,
  type Question,
  refusalOf,
  type StoreAnswer,
  valueLimit,
  withoutAnswer,
} from "../exchange.ts";
import type { StorePorts, Swap, Versioned } from "../store.ts";

export interface ConsulSettings {
  /** Scheme, host and port of the agent, without a slash at the end. */
  readonly base: string;
  /** Before all keys, without slashes around it. */
  readonly folder: string;
  readonly place: string;
  /** Token and basic authentication. */
  readonly headers: Readonly<Record<string, string>>;
  readonly ports: StorePorts;
  trust(): Promise<Pick<HttpRequest, "authorities" | "clientCertificate">>;
}

export interface Got {
  /** Undefined when there is no such key. Its version is the key's ModifyIndex, which no two writes share. */
  readonly entry: Versioned | undefined;
  /** X-Consul-Index: what a blocking query waits to be passed. */
  readonly index: number;
}

/** The key-value store behind one agent. */
export interface ConsulKv {
  readonly place: string;
  /** `query`: "?consistent", or what makes it a blocking query; `time`: for the whole exchange. */
  get(key: string, query: string, time: Milliseconds, signal: AbortSignal): Promise<Got>;
  swap(key: string, bytes: Uint8Array, version: string | undefined, signal: AbortSignal): Promise<Swap>;
  put(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  remove(key: string, signal: AbortSignal): Promise<void>;
  keys(prefix: string, signal: AbortSignal): Promise<readonly string[]>;
}

export function consulKv(settings: ConsulSettings): ConsulKv {
  const { place, folder } = settings;
  const question = async (
    doing: string,
    request: Pick<HttpRequest, "method" | "url" | "body">,
    bounds: { readonly limit: number; readonly time: Milliseconds } = { limit: valueLimit, time: callLimit },
  ): Promise<Question> => ({
    doing,
    request: { ...request, headers: settings.headers, ...(await settings.trust()) },
    ...bounds,
  });
  const address = (key: string, query = "") => `${settings.base}/v1/kv/${pathOf(`${folder}/${key}`)}${query}`;
  const change = async (doing: string, request: Pick<HttpRequest, "method" | "url" | "body">, signal: AbortSignal) => {
    const answer = await answerOf(settings, await question(doing, request), signal);
    if (answer.status !== 200 || answer.text.trim() !== "true") throw refusal(settings, doing, answer);
  };
  return {
    place,
    async get(key, query, time, signal) {
      const doing = `read ${key}`;
      const asked = await question(doing, { method: "GET", url: address(key, query) }, { limit: valueLimit, time });
      const answer = await answerOf(settings, asked, signal);
      if (answer.status !== 200 && !isMissing(answer)) throw refusal(settings, doing, answer);
      return {
        entry: answer.status === 200 ? entryOf(settings, key, answer.text) : undefined,
        index: Number(answer.headers["x-consul-index"] ?? 0),
      };
    },
    async swap(key, bytes, version, signal) {
      const index = version === undefined ? 0 : indexOf(version);
      if (index === undefined) return { outcome: "conflict" };
      const doing = `change ${key}`;
      const value = Buffer.from(bytes).toString("base64");
      const body = JSON.stringify([{ KV: { Verb: "cas", Key: `${folder}/${key}`, Value: value, Index: index } }]);
      const request = await question(doing, { method: "PUT", url: `${settings.base}/v1/txn`, body });
      const asked = await ask(settings, request, signal);
      return asked.answer ? swapOf(settings, key, doing, asked.answer) : withoutAnswer(settings, doing, asked);
    },
    put: (key, bytes, signal) => change(`write ${key}`, { method: "PUT", url: address(key), body: bytes }, signal),
    remove: (key, signal) => change(`remove ${key}`, { method: "DELETE", url: address(key) }, signal),
    async keys(prefix, signal) {
      const doing = `list ${prefix}`;
      const request = { method: "GET", url: address(prefix, "?keys&consistent") } as const;
      const asked = await question(doing, request, { limit: listLimit, time: callLimit });
      const answer = await answerOf(settings, asked, signal);
      if (isMissing(answer)) return [];
      if (answer.status !== 200) throw refusal(settings, doing, answer);
      return keysOf(settings, prefix, answer.text);
    },
  };
}

/** As it must stand in an address: Consul takes the encoding off once, so that "%2F" in a key stays one. */
function pathOf(key: string): string {
  return key.split("/").map(encodeURIComponent).join("/");
}

/** Consul's own 404, which carries an index; that of a proxy or of a wrong address does not, and says nothing about the key. */
function isMissing({ status, headers }: StoreAnswer): boolean {
  return status === 404 && headers["x-consul-index"] !== undefined;
}

function refusal(settings: ConsulSettings, doing: string, { status, text }: StoreAnswer): Failure {
  return refusalOf(settings, doing, status, text);
}

function entryOf(settings: ConsulSettings, key: string, text: string): Versioned {
  const rows = jsonOf(settings, key, text) as readonly { Value?: unknown; ModifyIndex?: unknown }[] | null;
  const row = Array.isArray(rows) ? rows[0] : undefined;
  const { Value: value, ModifyIndex: index } = row ?? {};
  if (!isIndex(index) || (typeof value !== "string" && value !== null)) {
    throw failure("rollout-store-nonsense", { place: settings.place, key, problem: "it is no entry of Consul" });
  }
  return { bytes: Buffer.from(value ?? "", "base64"), version: String(index) };
}

function keysOf({ place, folder }: ConsulSettings, prefix: string, text: string): readonly string[] {
  const keys = jsonOf({ place }, prefix, text);
  if (Array.isArray(keys) && keys.every((key) => typeof key === "string" && key.startsWith(`${folder}/`))) {
    return keys.map((key: string) => key.slice(folder.length + 1));
  }
  throw failure("rollout-store-nonsense", { place, key: prefix, problem: "it is no list of keys of Consul" });
}

/**
 * A transaction of one operation, and not `?cas=`, for it answers with the index that the write came to. What Consul refuses by
 * its index is a conflict (409, "index is stale"); a 409 for another reason, such as a missing right, is a refusal.
 */
function swapOf(settings: ConsulSettings, key: string, doing: string, answer: StoreAnswer): Swap {
  const { status, text } = answer;
  if (isUncertain(status)) return { outcome: "unknown", problem: refusal(settings, doing, answer).note };
  if (status !== 200 && status !== 409) throw refusal(settings, doing, answer);
  const told = transactionOf(text);
  const complaints = (told?.Errors ?? []).map(({ What: what }) => String(what));
  if (complaints.length > 0) {
    if (complaints.every((what) => /index is stale/i.test(what))) return { outcome: "conflict" };
    throw refusalOf(settings, doing, status, complaints.join("; "));
  }
  const index = told?.Results?.[0]?.KV?.ModifyIndex;
  if (status === 200 && isIndex(index)) return { outcome: "swapped", version: String(index) };
  const problem = "it is no answer of Consul to a transaction";
  return {
    outcome: "unknown",
    problem: failure("rollout-store-nonsense", { place: settings.place, key, problem }).note,
  };
}

interface Transaction {
  readonly Results?: readonly { readonly KV?: { readonly ModifyIndex?: unknown } }[] | null;
  readonly Errors?: readonly { readonly What?: unknown }[] | null;
}

function transactionOf(text: string): Transaction | undefined {
  try {
    return JSON.parse(text) as Transaction;
  } catch {
    return undefined;
  }
}

/** The index in a version; undefined for what is no index of Consul, and so that of no state. 0 would mean "where none is". */
function indexOf(version: string): number | undefined {
  return /^[1-9]\d{0,15}$/.test(version) ? Number(version) : undefined;
}

function isIndex(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
