import type { Milliseconds } from "../../../domain/duration.ts";
import { failure } from "../../../domain/failures/failure.ts";
import { withoutAnswer } from "../exchange.ts";
import type { Store, StorePorts, Versioned } from "../store.ts";
import { createLink, type Link, type LinkSettings } from "./link.ts";

/**
 * A value is a hash of its bytes and of a version that nobody ever gave another. It is written with the last command, so that an
 * error that Redis answers means that nothing was. "*": whatever is there; "": nothing is.
 */
const writeScript = `
local present = redis.call("HGET", KEYS[1], "version")
if ARGV[1] ~= "*" and (present or "") ~= ARGV[1] then return 0 end
redis.call("PUBLISH", KEYS[1], ARGV[2])
redis.call("HSET", KEYS[1], "bytes", ARGV[3], "version", ARGV[2])
return 1`;

/** How often the value is looked at though nothing was heard: a message of Redis may be lost. */
const pollEvery: Milliseconds = 2_000;

/** What a version looks like; "*" and "" must not pass for one. */
const isVersion = (version: string) => /^[\da-f]{16,64}$/.test(version);

export function redisValues(settings: LinkSettings & { readonly prefix: string }, ports: StorePorts): Store {
  const { place, prefix } = settings;
  const link = createLink(settings);
  const named = (key: string) => `${prefix}:${key}`;
  const run = async (doing: string, command: readonly (string | Buffer)[], signal: AbortSignal) => {
    const ran = await link.run(doing, command, signal);
    if ("problem" in ran) throw ran.problem;
    return ran.reply;
  };
  const script = (key: string, bytes: Uint8Array, expected: string, version: string) =>
    ["EVAL", writeScript, "1", named(key), expected, version, Buffer.from(bytes)] as const;
  const read: Store["read"] = async (key, signal) =>
    versionedOf(place, key, await run(`read ${key}`, ["HMGET", named(key), "bytes", "version"], signal));
  return {
    place,
    safety: "best-effort",
    pace: 0,
    read,
    async swap(key, bytes, version, signal) {
      if (version !== undefined && !isVersion(version)) return { outcome: "conflict" };
      const doing = `change ${key}`;
      const fresh = ports.random.name();
      const ran = await link.run(doing, script(key, bytes, version ?? "", fresh), signal);
      if ("problem" in ran) return withoutAnswer({ place }, doing, ran);
      return ran.reply === 1 ? { outcome: "swapped", version: fresh } : { outcome: "conflict" };
    },
    async put(key, bytes, signal) {
      await run(`write ${key}`, script(key, bytes, "*", ports.random.name()), signal);
    },
    async list(folder, signal) {
      const found = new Set<string>();
      const match = `${named(folder).replace(/[\\*?[\]]/g, "\\$&")}*`;
      let cursor = "0";
      do {
        const reply = await run(`list ${folder}`, ["SCAN", cursor, "MATCH", match, "COUNT", "1000"], signal);
        const [next, keys] = scanOf(place, folder, reply);
        for (const key of keys) found.add(key.slice(prefix.length + 1));
        cursor = next;
      } while (cursor !== "0");
      return [...found];
    },
    async remove(key, signal) {
      await run(`remove ${key}`, ["DEL", named(key)], signal);
    },
    watch: (key, version, patience, signal) => {
      const current = async (until: AbortSignal) => (await read(key, until))?.version;
      return follow({ link, ports, channel: named(key), current }, version, patience, signal);
    },
    close: () => link.close(),
  };
}

function versionedOf(place: string, key: string, reply: unknown): Versioned | undefined {
  const [bytes, version] = Array.isArray(reply) ? reply : [];
  if (bytes === null && version === null) return undefined;
  if (Buffer.isBuffer(bytes) && Buffer.isBuffer(version)) return { bytes, version: version.toString() };
  throw failure("rollout-store-nonsense", { place, key, problem: "it is no value of Dropship" });
}

function scanOf(place: string, key: string, reply: unknown): readonly [string, readonly string[]] {
  const [cursor, keys] = Array.isArray(reply) ? reply : [];
  if (Array.isArray(keys)) return [String(cursor), keys.map(String)];
  throw failure("rollout-store-nonsense", { place, key, problem: "it is no answer of Redis to SCAN" });
}

interface Followed {
  readonly link: Link;
  readonly ports: Pick<StorePorts, "clock" | "random">;
  readonly channel: string;
  current(until: AbortSignal): Promise<string | undefined>;
}

/** By messages, which come at once; and by looking, for a message may be lost and a channel may be forbidden. */
async function follow(
  { link, ports, channel, current }: Followed,
  version: string | undefined,
  patience: Milliseconds,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random } = ports;
  const heard = new AbortController();
  const news = new Error("there is news");
  using limit = clock.deadline(patience, () => news, signal);
  const woken = AbortSignal.any([limit.signal, heard.signal]);
  const unlisten = await link.listen(channel, () => heard.abort(news), limit.signal).catch(() => undefined);
  try {
    while (!woken.aborted && (await current(limit.signal)) === version) {
      await clock.sleep(pollEvery * (0.75 + random.fraction() / 2), woken);
    }
  } catch (error) {
    if (error !== news) throw error;
  } finally {
    unlisten?.();
  }
  signal.throwIfAborted();
}
