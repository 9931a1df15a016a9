import { type StoreAnswer, silence } from "../../stores/exchange.ts";
import type { ObjectStatement } from "../objects.ts";
import { withRetries } from "../retries.ts";
import { askForObject, isMissing, type ObjectRequest, type Objects, objectRefusal } from "./object-requests.ts";
import { md5Of, sha256Of } from "./stated-digests.ts";

const answerLimit = 64 * 1024;

/** What a HEAD says of an object; `etag` without quotes, as it serves to know what one uploaded. */
export interface MeasuredObject extends ObjectStatement {
  readonly etag: string;
}

/** Undefined: there is none. */
export function measureObject(objects: Objects, key: string, signal: AbortSignal): Promise<MeasuredObject | undefined> {
  const doing = `look at ${key.slice(objects.prefix.length)}`;
  const { place, ports } = objects;
  return withRetries({ place, doing }, ports, signal, async () => {
    const head = await answered(objects, { doing, method: "HEAD", key, limit: 0 }, signal);
    const length = Number(/^\d{1,15}$/.exec(head.headers["content-length"] ?? "")?.[0]);
    if (head.status === 200 && !Number.isNaN(length)) return statementIn(objects, head, length);
    // The answer to a HEAD cannot say why: the same is asked by GET then.
    const headers = { range: "bytes=0-0" };
    const told = await answered(objects, { doing, method: "GET", key, headers, limit: answerLimit }, signal);
    if (head.status === 404 && isMissing(told)) return undefined;
    const isThere = told.status < 300 || told.status === 416;
    // Somebody made it in between.
    if (head.status === 404 && isThere)
      throw silence(objects, doing, "it said that there is none, and then that there is");
    throw objectRefusal(objects, doing, isThere ? head : told);
  });
}

async function answered(objects: Objects, request: ObjectRequest, signal: AbortSignal): Promise<StoreAnswer> {
  const asked = await askForObject(objects, request, signal);
  if (asked.answer === undefined) throw asked.problem;
  return asked.answer;
}

function statementIn({ bucket }: Objects, { headers }: StoreAnswer, length: number): MeasuredObject {
  const md5 = md5Of(headers, bucket.name);
  const sha256 = sha256Of(headers);
  return {
    length,
    etag: (headers["etag"] ?? "").replaceAll('"', ""),
    ...(md5 !== undefined && { md5 }),
    ...(sha256 !== undefined && { sha256 }),
  };
}
