import type { Milliseconds } from "../../../domain/duration.ts";
import { formatDuration } from "../../../domain/duration.ts";
import { failure } from "../../../domain/failures/failure.ts";
import { isUncertain, listLimit, type StoreAnswer, valueLimit, withoutAnswer } from "../../stores/exchange.ts";
import type { Store, StorePorts, Swap, Versioned } from "../../stores/store.ts";
import type { Bucket } from "./bucket.ts";
import { storeErrorIn } from "./error-answer.ts";
import { pageIn } from "./object-list.ts";
import { askForObject, type ObjectRequest, type Objects, objectRefusal } from "./object-requests.ts";

/** Each look of a waiting host is one GET. */
const pace: Milliseconds = 2_000;
/** For all pages of a listing; each holds a thousand keys. */
const listTime: Milliseconds = 30_000;
const answerLimit = 64 * 1024;

/**
 * Objects that are written on a condition (Amazon S3 user guide, "Conditional requests"): If-None-Match makes one, If-Match
 * replaces the one that was read. The ETag is the version.
 */
export function bucketStore(bucket: Bucket, prefix: string, ports: StorePorts): Store {
  const objects: Objects = { place: `s3://${bucket.name}/${prefix}`, bucket, prefix, ports };
  const { place } = objects;
  const answerOf = async (request: ObjectRequest, signal: AbortSignal): Promise<StoreAnswer> => {
    const asked = await askForObject(objects, request, signal);
    if (asked.answer === undefined) throw asked.problem;
    return asked.answer;
  };
  return {
    place,
    safety: "strict",
    pace,
    async read(key, signal) {
      const doing = `read ${key}`;
      const request = { doing, method: "GET", key: prefix + key, limit: valueLimit } as const;
      const answer = await answerOf(request, signal);
      if (answer.status === 200) return valueIn(objects, key, answer);
      if (isMissing(answer)) return undefined;
      throw objectRefusal(objects, doing, answer);
    },
    async swap(key, bytes, version, signal) {
      if (version !== undefined && !isVersion(version)) return { outcome: "conflict" };
      const doing = `change ${key}`;
      const conditions: Readonly<Record<string, string>> =
        version === undefined ? { "if-none-match": "*" } : { "if-match": version };
      const body = sealed(bytes, ports.random.name());
      const request = { doing, method: "PUT", key: prefix + key, conditions, body, limit: answerLimit } as const;
      const asked = await askForObject(objects, request, signal);
      return asked.answer ? swapIn(objects, key, asked.answer) : withoutAnswer(objects, doing, asked);
    },
    async put(key, bytes, signal) {
      const doing = `write ${key}`;
      const body = sealed(bytes, ports.random.name());
      const answer = await answerOf({ doing, method: "PUT", key: prefix + key, body, limit: answerLimit }, signal);
      if (answer.status !== 200) throw objectRefusal(objects, doing, answer);
    },
    async list(below, signal) {
      const late = () =>
        failure("rollout-store-unanswered", {
          place,
          doing: `list ${below}`,
          problem: `not all of it came within ${formatDuration(listTime)}`,
        });
      using limit = ports.clock.deadline(listTime, late, signal);
      return await keysBelow(objects, below, (request) => answerOf(request, limit.signal));
    },
    async remove(key, signal) {
      const doing = `remove ${key}`;
      const answer = await answerOf({ doing, method: "DELETE", key: prefix + key, limit: answerLimit }, signal);
      if (![200, 204].includes(answer.status) && !isMissing(answer)) throw objectRefusal(objects, doing, answer);
    },
    close() {
      // The connections belong to the client of the whole process.
    },
  };
}

/** The store's own word about this key: the 404 of a proxy or of another address says nothing. */
function isMissing(answer: StoreAnswer): boolean {
  return answer.status === 404 && storeErrorIn(answer.text, answer).code === "NoSuchKey";
}

/** Entity tags of this store; "*" would be any. */
function isVersion(version: string): boolean {
  return /^(?:W\/)?"[^"]+"$/.test(version);
}

function versionIn({ headers }: StoreAnswer): string | undefined {
  const { etag = "" } = headers;
  return isVersion(etag) ? etag : undefined;
}

/**
 * With a random name in a last line: an ETag is often a digest of the content, and the same content must not bring an old version
 * back.
 */
function sealed(bytes: Uint8Array, name: string): Uint8Array {
  return Buffer.concat([bytes, Buffer.from(`\n${name}`)]);
}

function unsealed(body: Uint8Array): Uint8Array | undefined {
  const seal = Buffer.from(body.subarray(-33)).toString("latin1");
  return /^\n[0-9a-f]{32}$/.test(seal) ? body.subarray(0, -33) : undefined;
}

function valueIn({ place }: Objects, key: string, answer: StoreAnswer): Versioned {
  const bytes = answer.framed ? unsealed(answer.bytes) : undefined;
  const version = versionIn(answer);
  if (bytes !== undefined && version !== undefined) return { bytes, version };
  const problem = bytes === undefined ? "it is not a whole value as hosts write it" : "it has no ETag";
  throw failure("rollout-store-nonsense", { place, key, problem });
}

/** Another writer came first, and nothing was written (Amazon S3 API reference, "Error responses"; the last one is Ceph's word). */
const collisions = new Set(["ConditionalRequestConflict", "OperationAborted", "ConcurrentModification"]);

function swapIn(objects: Objects, key: string, answer: StoreAnswer): Swap {
  const { status } = answer;
  const doing = `change ${key}`;
  const { code } = storeErrorIn(answer.text, answer);
  if (status === 412 || isMissing(answer)) return { outcome: "conflict" };
  if (status === 409 && collisions.has(code)) return { outcome: "conflict" };
  if (status === 501 && code === "NotImplemented") {
    throw failure("rollout-store-incapable", { place: objects.place, answer: `status 501 (${code})` });
  }
  if (isUncertain(status)) return { outcome: "unknown", problem: objectRefusal(objects, doing, answer).note };
  if (status !== 200) throw objectRefusal(objects, doing, answer);
  const version = versionIn(answer);
  if (version !== undefined) return { outcome: "swapped", version };
  const problem = "the answer has no ETag";
  return {
    outcome: "unknown",
    problem: failure("rollout-store-nonsense", { place: objects.place, key, problem }).note,
  };
}

async function keysBelow(
  objects: Objects,
  below: string,
  answerOf: (request: ObjectRequest) => Promise<StoreAnswer>,
): Promise<readonly string[]> {
  const { place, prefix } = objects;
  const doing = `list ${below}`;
  const keys: string[] = [];
  for (let next: string | undefined = ""; next !== undefined; ) {
    const query = { "list-type": "2", prefix: prefix + below, ...(next !== "" && { "continuation-token": next }) };
    const answer = await answerOf({ doing, method: "GET", key: "", query, limit: listLimit });
    if (answer.status !== 200) throw objectRefusal(objects, doing, answer);
    const page = pageIn(answer.text);
    if (page === undefined || !page.keys.every((key) => key.startsWith(prefix + below))) {
      throw failure("rollout-store-nonsense", { place, key: below, problem: "it is no list of its objects" });
    }
    keys.push(...page.keys.map((key) => key.slice(prefix.length)));
    next = page.next;
  }
  return keys;
}
