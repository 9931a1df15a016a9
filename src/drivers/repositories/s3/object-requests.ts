import { createHash } from "node:crypto";
import { formatDuration, type Milliseconds } from "../../../domain/duration.ts";
import { type Failure, failure } from "../../../domain/failures/failure.ts";
import { AskedToWait } from "../../../domain/retry.ts";
import type { SentBody } from "../../../platform/ports.ts";
import { retryAfter } from "../../../platform/retry-after.ts";
import { type Asked, ask, callLimit, refusalOf, type StoreAnswer, silence, type Told } from "../../stores/exchange.ts";
import type { StorePorts } from "../../stores/store.ts";
import type { Bucket } from "./bucket.ts";
import { blamesKeys, setupRefusal, storeErrorIn } from "./error-answer.ts";
import { type Credentials, encodedQuery, signedHeaders } from "./signature.ts";

/** The objects below a prefix of a bucket. */
export interface Objects extends Told {
  readonly bucket: Bucket;
  /** Ends with "/". */
  readonly prefix: string;
  readonly ports: StorePorts;
}

/** A part of a file, with its digests in lower-case hex. */
export interface DigestedBody extends SentBody {
  readonly sha256: string;
  readonly md5: string;
}

export interface ObjectRequest {
  /** Completes "when asked to …". */
  readonly doing: string;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Of the object, the prefix included; "" for the bucket. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Conditions, ranges, the type. Signed, so that a proxy that drops them gets a refusal and not a write without them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | DigestedBody;
  /** Bytes of the answer that are read. */
  readonly limit: number;
  /** For all of it; left out: that of one call of a store. */
  readonly time?: Milliseconds;
  /** For the answer alone, when a long body was sent. */
  readonly answerTime?: Milliseconds;
}

/**
 * Asks once, and again only with other keys, when the store refused the first ones before it did anything: they may have been
 * rotated since they were read.
 */
export async function askForObject(objects: Objects, request: ObjectRequest, signal: AbortSignal): Promise<Asked> {
  const { place, ports, bucket } = objects;
  const { time = callLimit } = request;
  const late = () => silence(objects, request.doing, `no answer within ${formatDuration(time)}`);
  using limit = ports.clock.deadline(time, late, signal);
  const first = await bucket.credentials.current(limit.signal);
  const asked = await askWith(objects, request, first, limit.signal);
  if (!isAboutKeys(asked) || !bucket.credentials.renew(first)) return asked;
  const second = await bucket.credentials.current(limit.signal);
  if (second.secret === first.secret && second.token === first.token) return asked;
  ports.logger.log("info", "credentials were renewed", { store: place });
  return askWith(objects, request, second, limit.signal);
}

async function askWith(
  objects: Objects,
  asking: ObjectRequest,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Asked> {
  const { bucket, ports } = objects;
  const { doing, method, key, query = {}, body, limit, time = callLimit, answerTime } = asking;
  const { host, path, url } = bucket.addressOf(key);
  const headers = { ...asking.headers, ...checksumOf(body) };
  const payload =
    body === undefined || body instanceof Uint8Array ? { body: body ?? noBody } : { payload: body.sha256 };
  const unsigned = { method, host, path, query, headers, guarded: Object.keys(headers), ...payload };
  const trusted = await bucket.authorities.read();
  const suffix = Object.keys(query).length === 0 ? "" : `?${encodedQuery(query)}`;
  const request = {
    method,
    url: `${url}${suffix}`,
    headers: signedHeaders(unsigned, credentials, bucket.region, ports.clock.wall()),
    ...(body && { body }),
    ...(trusted !== undefined && { authorities: trusted }),
  };
  const question = { doing, request, limit, time, ...(answerTime !== undefined && { answerTime }) };
  return ask(objects, question, signal);
}

const noBody = new Uint8Array();

/** Buckets with Object Lock take no object without it. */
function checksumOf(body: ObjectRequest["body"]): Readonly<Record<string, string>> {
  if (body === undefined) return {};
  const digest = body instanceof Uint8Array ? createHash("md5").update(body).digest() : Buffer.from(body.md5, "hex");
  return { "content-md5": digest.toString("base64") };
}

/** Certainly nothing was done then. */
function isAboutKeys({ answer }: Asked): boolean {
  return answer !== undefined && answer.status < 500 && blamesKeys(storeErrorIn(answer.text, answer).code);
}

/** The store's own word about this key: the 404 of a proxy or of another address says nothing. */
export function isMissing(answer: StoreAnswer): boolean {
  return answer.status === 404 && storeErrorIn(answer.text, answer).code === "NoSuchKey";
}

/** What an answer means that no good one is. */
export function objectRefusal(objects: Objects, doing: string, answer: StoreAnswer): Failure {
  const { place, kind = "rollout", bucket, prefix, ports } = objects;
  const error = storeErrorIn(answer.text, answer);
  const now = ports.clock.wall();
  if (answer.status < 500) {
    const setup = setupRefusal(answer, error, { artifact: place, bucket: bucket.name, region: bucket.region, now });
    if (setup !== undefined) return setup;
    if (error.code === "AccessDenied") {
      return failure(`${kind}-bucket-forbidden`, { place, doing, bucket: bucket.name, prefix });
    }
  }
  const wait = retryAfter(answer.headers["retry-after"], now);
  return refusalOf(objects, doing, answer.status, error.code, wait === undefined ? undefined : new AskedToWait(wait));
}
