import { failure } from "../../../domain/failures/failure.ts";
import { silence } from "../../stores/exchange.ts";
import { splitKey } from "../object-key.ts";
import type { ObjectStatement } from "../objects.ts";
import { withRetries } from "../retries.ts";
import { answerOf, answerOnce, type Container, containerRefusal, requireContainer } from "./container-requests.ts";
import { listContainer } from "./list-container.ts";

const answerLimit = 1024 * 1024;

/** What a HEAD says of an object. */
export interface MeasuredObject extends ObjectStatement {
  /** Without quotes: the MD5 of the content, or of the ETags of the segments of a large object. */
  readonly etag: string;
  /** Whether it is a large object of segments that a manifest names. */
  readonly large: boolean;
}

export async function measureObject(
  container: Container,
  key: string,
  signal: AbortSignal,
): Promise<MeasuredObject | undefined> {
  const doing = `look at ${key.slice(container.prefix.length)}`;
  const headers = { "x-newest": "true" };
  const answer = await answerOf(container, { doing, method: "HEAD", key, headers, limit: 0 }, signal);
  if (answer.status === 404) {
    await requireContainer(container, signal);
    return undefined;
  }
  const length = Number(/^\d{1,15}$/.exec(answer.headers["content-length"] ?? "")?.[0]);
  if (answer.status !== 200 || Number.isNaN(length)) throw containerRefusal(container, doing, answer);
  const etag = (answer.headers["etag"] ?? "").replaceAll('"', "");
  const large = /^true$/i.test(answer.headers["x-static-large-object"] ?? "");
  const whole = !large && answer.headers["x-object-manifest"] === undefined && /^[0-9a-f]{32}$/.test(etag);
  return { length, etag, large, ...(whole && { md5: etag }) };
}

/** Where the segments of an object lie: beside it, under a name that no listing of ours shows. */
export function segmentsOf(key: string): string {
  const { folder, name } = splitKey(key);
  return `${folder}.segments/${name}/`;
}

/** With all its segments; those that a push which was killed left as well. */
export async function removeObject(container: Container, key: string, signal: AbortSignal): Promise<void> {
  const doing = `remove ${key.slice(container.prefix.length)}`;
  const found = await measureObject(container, key, signal);
  if (found?.large) await removeLarge(container, doing, key, signal);
  else await removeOne(container, doing, key, signal);
  await removeSegments(container, key, signal);
}

export async function removeSegments(
  container: Container,
  key: string,
  signal: AbortSignal,
  kept: ReadonlySet<string> = new Set(),
): Promise<void> {
  const doing = `remove segments of ${key.slice(container.prefix.length)}`;
  for (const { key: segment } of await listContainer(container, segmentsOf(key), signal)) {
    if (!kept.has(segment)) await removeOne(container, doing, segment, signal);
  }
}

/**
 * Removes segments of objects that never came to be, when the last of them came before this time. Of an object that is there
 * they are its content, or go with its next upload.
 */
export async function sweepSegments(
  container: Container,
  prefix: string,
  before: number,
  signal: AbortSignal,
): Promise<void> {
  const latest = new Map<string, number>();
  for (const { key, modified } of await listContainer(container, prefix, signal)) {
    const [, folder = "", name = ""] = /^(.*\/)\.segments\/([^/]+)\//.exec(key) ?? [];
    if (name === "") continue;
    const owner = folder + name;
    // What is not dated is not old.
    const time = Number.isNaN(modified) ? Number.POSITIVE_INFINITY : modified;
    latest.set(owner, Math.max(time, latest.get(owner) ?? 0));
  }
  for (const [owner, time] of latest) {
    if (time >= before || (await measureObject(container, owner, signal)) !== undefined) continue;
    await removeSegments(container, owner, signal);
  }
}

async function removeOne(container: Container, doing: string, key: string, signal: AbortSignal): Promise<void> {
  const answer = await answerOf(container, { doing, method: "DELETE", key, limit: answerLimit }, signal);
  if (![200, 204, 404].includes(answer.status)) throw containerRefusal(container, doing, answer);
}

/** The store says in the body how it went. */
async function removeLarge(container: Container, doing: string, key: string, signal: AbortSignal): Promise<void> {
  const { place, ports } = container;
  const headers = { accept: "application/json" };
  const query = { "multipart-manifest": "delete" };
  const time = 120_000;
  await withRetries({ place, doing }, ports, signal, async () => {
    const request = { doing, method: "DELETE", key, query, headers, limit: answerLimit, time } as const;
    const answer = await answerOnce(container, request, signal);
    if (answer.status === 404) return;
    if (answer.status !== 200) throw containerRefusal(container, doing, answer);
    const said = /"Response Status"\s*:\s*"(\d{3})/.exec(answer.text)?.[1];
    if (said === "200" || said === "404") return;
    if (said === "401" || said === "403") {
      throw failure("object-container-forbidden", { place, doing, container: container.name });
    }
    throw silence(container, doing, `it answered with status ${said ?? "unknown"} for its segments`);
  });
}
