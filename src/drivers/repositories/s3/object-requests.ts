import { createHash } from "node:crypto";
import { formatDuration } from "../../../domain/duration.ts";
import { type Failure, failure } from "../../../domain/failures/failure.ts";
import { type Asked, ask, callLimit, refusalOf, type StoreAnswer } from "../../stores/exchange.ts";
import type { StorePorts } from "../../stores/store.ts";
import type { Bucket } from "./bucket.ts";
import { blamesKeys, setupRefusal, storeErrorIn } from "./error-answer.ts";
import { type Credentials, encodedQuery, signedHeaders } from "./signature.ts";

/** The objects below a prefix of a bucket. */
export interface Objects {
  readonly place: string;
  readonly bucket: Bucket;
  /** Ends with "/". */
  readonly prefix: string;
  readonly ports: StorePorts;
}

export interface ObjectRequest {
  /** Completes "when asked to …". */
  readonly doing: string;
  readonly method: "GET" | "PUT" | "DELETE";
  /** Of the object, the prefix included; "" for the bucket. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Signed, so that a proxy that drops them gets a refusal and not a write without them. */
  readonly conditions?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Bytes of the answer that are read. */
  readonly limit: number;
}

/**
 * Asks once, and again only with other keys, when the store refused the first ones before it did anything: they may have been
 * rotated since they were read.
 */
export async function askForObject(objects: Objects, request: ObjectRequest, signal: AbortSignal): Promise<Asked> {
  const { place, ports, bucket } = objects;
  const problem = `no answer within ${formatDuration(callLimit)}`;
  const late = () => failure("rollout-store-unanswered", { place, doing: request.doing, problem });
  using limit = ports.clock.deadline(callLimit, late, signal);
  const first = await bucket.credentials.current(limit.signal);
  const asked = await askWith(objects, request, first, limit.signal);
  if (!isAboutKeys(asked) || !bucket.credentials.renew(first)) return asked;
  const second = await bucket.credentials.current(limit.signal);
  if (second.secret === first.secret && second.token === first.token) return asked;
  ports.logger.log("info", "credentials were renewed", { store: place });
  return askWith(objects, request, second, limit.signal);
}

async function askWith(
  { place, bucket, ports }: Objects,
  { doing, method, key, query = {}, conditions = {}, body, limit }: ObjectRequest,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Asked> {
  const { host, path, url } = bucket.addressOf(key);
  // Buckets with Object Lock take no object without it.
  const checksum = body === undefined ? {} : { "content-md5": createHash("md5").update(body).digest("base64") };
  const headers = { ...conditions, ...checksum };
  const unsigned = { method, host, path, query, headers, guarded: Object.keys(headers), ...(body && { body }) };
  const trusted = await bucket.authorities.read();
  const asking = Object.keys(query).length === 0 ? "" : `?${encodedQuery(query)}`;
  const request = {
    method,
    url: `${url}${asking}`,
    headers: signedHeaders(unsigned, credentials, bucket.region, ports.clock.wall()),
    ...(body && { body }),
    ...(trusted !== undefined && { authorities: trusted }),
  };
  return ask({ place, ports }, { doing, request, limit, time: callLimit }, signal);
}

/** Certainly nothing was done then. */
function isAboutKeys({ answer }: Asked): boolean {
  return answer !== undefined && answer.status < 500 && blamesKeys(storeErrorIn(answer.text, answer).code);
}

/** What an answer means that no good one is. */
export function objectRefusal({ place, bucket, prefix, ports }: Objects, doing: string, answer: StoreAnswer): Failure {
  const error = storeErrorIn(answer.text, answer);
  const context = { artifact: place, bucket: bucket.name, region: bucket.region, now: ports.clock.wall() };
  if (answer.status < 500) {
    const setup = setupRefusal(answer, error, context);
    if (setup !== undefined) return setup;
    if (error.code === "AccessDenied") {
      return failure("rollout-bucket-forbidden", { place, doing, bucket: bucket.name, prefix });
    }
  }
  return refusalOf({ place }, doing, answer.status, error.code);
}
