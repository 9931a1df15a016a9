import type { Milliseconds } from "../../../domain/duration.ts";
import { formatDuration } from "../../../domain/duration.ts";
import { failure } from "../../../domain/failures/failure.ts";
import { type StoreAnswer, valueLimit, withoutAnswer } from "../../stores/exchange.ts";
import type { Store, StorePorts, Versioned } from "../../stores/store.ts";
import type { Bucket } from "./bucket.ts";
import { conditionFor, isVersion, swapIn, versionIn } from "./conditional-put.ts";
import { objectsBelow } from "./list-objects.ts";
import { askForObject, isMissing, type ObjectRequest, type Objects, objectRefusal } from "./object-requests.ts";

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
      const headers = conditionFor(version);
      const body = sealed(bytes, ports.random.name());
      const request = { doing, method: "PUT", key: prefix + key, headers, body, limit: answerLimit } as const;
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
      const found = await objectsBelow(objects, below, (request) => answerOf(request, limit.signal));
      return found.map(({ key }) => key);
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
