import { formatDuration, type Milliseconds } from "../../../domain/duration.ts";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import type { Bytes } from "../../../domain/size.ts";
import { type StoreAnswer, silence, withoutAnswer } from "../../stores/exchange.ts";
import type { StorePorts } from "../../stores/store.ts";
import { checkedKey, isKey } from "../object-key.ts";
import type { FolderObject, ObjectFolder, WriteCondition } from "../objects.ts";
import { withRetries } from "../retries.ts";
import type { Bucket } from "./bucket.ts";
import { conditionFor, isVersion, swapIn, versionIn } from "./conditional-put.ts";
import { heedingOf } from "./heeding.ts";
import { objectsBelow } from "./list-objects.ts";
import { measureObject } from "./measure.ts";
import { askForObject, isMissing, type ObjectRequest, type Objects, objectRefusal } from "./object-requests.ts";
import { dropForsaken, uploadObject } from "./upload.ts";

/** Of an answer that is no document. */
const answerLimit: Bytes = 64 * 1024;
/** For all pages of a listing. */
const listTime: Milliseconds = 300_000;

/** The objects below a path of a bucket, changed by conditional requests as rollouts change their records. */
export function bucketObjects(bucket: Bucket, path: string, ports: StorePorts): ObjectFolder {
  const place = `s3://${bucket.name}/${path}`;
  const prefix = `${path}/`;
  const objects: Objects = { place, kind: "object", bucket, prefix, ports };
  const keyOf = (key: string) => prefix + checkedKey(key);
  const addressOf = (key: string) => `${place}/${checkedKey(key)}`;
  const answerOf = (request: ObjectRequest, signal: AbortSignal): Promise<StoreAnswer> =>
    withRetries({ place, doing: request.doing }, ports, signal, () => answerOnce(objects, request, signal));
  const read: ObjectFolder["read"] = async (key, limit, signal) => {
    const doing = `read ${key}`;
    const request = { doing, method: "GET", key: keyOf(key), limit: Math.max(limit, answerLimit) } as const;
    const answer = await answerOf(request, signal).catch((error: unknown) => {
      const tooLong = error instanceof Failure && error.code === "answer-too-long";
      throw tooLong ? failure("document-too-large", { object: addressOf(key), limit }) : error;
    });
    if (answer.status === 200) return documentIn(objects, key, limit, answer);
    if (isMissing(answer)) return undefined;
    throw objectRefusal(objects, doing, answer);
  };
  const heeding = heedingOf(objects);
  return {
    place,
    get swaps() {
      return heeding.heeded;
    },
    addressOf,
    read,
    shown: async (key, limit, signal) => (await read(key, limit, signal))?.bytes,
    measure: (key, signal) => measureObject(objects, keyOf(key), signal),
    async write(key, bytes, condition, signal) {
      const swap = await writeOnce(objects, keyOf(key), bytes, condition, signal);
      if (swap.outcome === "swapped") await heeding.observe(keyOf(key), bytes, condition, signal);
      return swap;
    },
    upload: (key, content, options) => uploadObject(objects, keyOf(key), content, options),
    async list(below, signal) {
      const problem = `not all of it came within ${formatDuration(listTime)}`;
      using limit = ports.clock.deadline(listTime, () => silence(objects, `list ${below}`, problem), signal);
      const found = await objectsBelow(objects, below, (request) => answerOf(request, limit.signal));
      return found.filter(({ key }) => isKey(key));
    },
    sweep: (below, before, signal) => dropForsaken(objects, prefix + below, before, signal),
    async remove(key, signal) {
      const doing = `remove ${key}`;
      const answer = await answerOf({ doing, method: "DELETE", key: keyOf(key), limit: answerLimit }, signal);
      if (![200, 204].includes(answer.status) && !isMissing(answer)) throw objectRefusal(objects, doing, answer);
    },
    close: () => undefined,
  };
}

/** An answer below 500; the others are worth another try. */
async function answerOnce(objects: Objects, request: ObjectRequest, signal: AbortSignal): Promise<StoreAnswer> {
  const asked = await askForObject(objects, request, signal);
  if (asked.answer === undefined) throw asked.problem;
  if (asked.answer.status >= 500 || asked.answer.status === 429) {
    throw objectRefusal(objects, request.doing, asked.answer);
  }
  return asked.answer;
}

function documentIn(objects: Objects, key: string, limit: Bytes, answer: StoreAnswer): FolderObject {
  const { place } = objects;
  const { bytes, framed } = answer;
  if (bytes.length > limit) throw failure("document-too-large", { object: `${place}/${key}`, limit });
  const version = versionIn(answer);
  if (framed && version !== undefined) return { bytes, version };
  const problem = framed ? "it has no ETag" : "nothing marks its end";
  throw failure("object-store-nonsense", { place, key, problem });
}

async function writeOnce(
  objects: Objects,
  key: string,
  body: Uint8Array,
  condition: WriteCondition,
  signal: AbortSignal,
) {
  const doing = `write ${key.slice(objects.prefix.length)}`;
  if (condition !== "always" && condition.ifVersion !== undefined && !isVersion(condition.ifVersion)) {
    return { outcome: "conflict" } as const;
  }
  const conditions = condition === "always" ? {} : conditionFor(condition.ifVersion);
  const headers = { ...conditions, "content-type": "text/plain; charset=utf-8" };
  const request = { doing, method: "PUT", key, headers, body, limit: answerLimit } as const;
  const asked = await askForObject(objects, request, signal);
  if (asked.answer === undefined) return withoutAnswer(objects, doing, asked);
  const swap = swapIn(objects, key, asked.answer);
  if (swap.outcome === "conflict") await requireConflict(objects, key, condition, signal);
  return swap;
}

/** Some stores understand versions only in a form of their own, and refuse every change: nobody could publish a second time. */
async function requireConflict(
  objects: Objects,
  key: string,
  condition: WriteCondition,
  signal: AbortSignal,
): Promise<void> {
  if (condition === "always" || condition.ifVersion === undefined) return;
  const present = await measureObject(objects, key, signal);
  if (present === undefined || `"${present.etag}"` !== condition.ifVersion) return;
  throw failure("object-store-incapable", {
    place: objects.place,
    answer: "it says that the object has another version than the one it has",
  });
}
