import type { Milliseconds } from "../../../domain/duration.ts";
import { unanswered, valueLimit } from "../exchange.ts";
import type { Store, StorePorts } from "../store.ts";
import type { Gateway } from "./gateway.ts";
import { type EtcdKv, isRevision } from "./kv.ts";
import { linesOf } from "./lines.ts";
import { refusal } from "./refusal.ts";

/** One watch is this long at most: below the minute after which a silent connection is given up, here and by balancers. */
const longestWatch: Milliseconds = 50_000;

const patienceIsOver = new Error("the patience is over");

/** Follows a key by etcd's watch: one request whose answer is a line of JSON for each event, from the revision after `version` on. */
export function etcdWatch(
  gateway: Gateway,
  kv: EtcdKv,
  { clock, random }: Pick<StorePorts, "clock" | "random">,
): NonNullable<Store["watch"]> {
  return async (key, version, patience, signal) => {
    using limit = clock.deadline(Math.min(patience, longestWatch), () => patienceIsOver, signal);
    try {
      const seen = version ?? (await absentSince(kv, key, limit.signal));
      if (!isRevision(seen)) return;
      const verdict = await firstNews(gateway, kv, key, String(BigInt(seen) + 1n), limit.signal);
      // A member that ends every watch at once must not be asked without end.
      if (verdict === "ended") await clock.sleep(500 + random.fraction() * 500, limit.signal);
    } catch (error) {
      if (error !== patienceIsOver) throw error;
    }
  };
}

/** The revision at which there was no such key; undefined when there is one. */
async function absentSince(kv: EtcdKv, key: string, signal: AbortSignal): Promise<string | undefined> {
  const { entry, revision } = await kv.get(key, signal);
  return entry === undefined ? revision : undefined;
}

interface WatchLine {
  readonly result?: {
    readonly events?: readonly unknown[];
    readonly canceled?: boolean;
    readonly compact_revision?: string;
  };
  readonly error?: unknown;
}

/** "changed": there is something to read; "ended": the watch is over for another reason. */
async function firstNews(
  gateway: Gateway,
  kv: EtcdKv,
  key: string,
  start_revision: string,
  signal: AbortSignal,
): Promise<"changed" | "ended"> {
  const doing = `watch ${key}`;
  const body = { create_request: { key: kv.encoded(key), start_revision } };
  const answer = await gateway.stream({ doing, path: "watch", body }, signal);
  if (answer.status !== 200) {
    throw refusal(gateway.place, doing, { ...answer, text: await answer.text(valueLimit) });
  }
  try {
    for await (const line of linesOf(answer.body)) {
      const verdict = verdictOf(line);
      if (verdict !== undefined) return verdict;
    }
  } catch (error) {
    throw signal.aborted ? error : unanswered(gateway, doing, error);
  }
  return "ended";
}

/** Undefined: it only says that the watch stands, or that it still does. */
function verdictOf(line: string): "changed" | "ended" | undefined {
  let told: WatchLine | null;
  try {
    told = JSON.parse(line) as WatchLine | null;
  } catch {
    return "ended";
  }
  const { events = [], canceled, compact_revision: compacted } = told?.result ?? {};
  // Compacted: events since then are gone, so there may have been some.
  if (events.length > 0 || (canceled && compacted !== undefined)) return "changed";
  return canceled || told?.error !== undefined ? "ended" : undefined;
}
