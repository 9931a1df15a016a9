import { formatDuration } from "../../../domain/duration.ts";
import { type Failure, failure } from "../../../domain/failures/failure.ts";
import type { HttpAnswer } from "../../../platform/ports.ts";
import { refusalOf } from "../http-answer.ts";

/** What a store says in the body of a refusal. Only words of a fixed form are taken out of it, never its text. */
export interface StoreError {
  /** "NoSuchKey", "AccessDenied", …; "" when it says none. */
  readonly code: string;
  /** The region where the bucket really is. */
  readonly region?: string;
}

/** Of an answer. */
type Head = Pick<HttpAnswer, "status" | "headers">;

const longestError = 16 * 1024;

/** Reads an error document (Amazon S3 API reference, "Error responses"). Anything that is none counts as silent. */
export async function readStoreError(answer: HttpAnswer): Promise<StoreError> {
  return storeErrorIn(await answer.text(longestError).catch(() => ""), answer);
}

export function storeErrorIn(text: string, answer: Head): StoreError {
  const code = /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(text)?.[1] ?? "";
  const region = /<Region>([a-z0-9-]{1,40})<\/Region>/.exec(text)?.[1];
  return { ...(region !== undefined && { region }), ...regionOf(answer), code };
}

/** The region that the head of an answer names. */
export function regionOf({ headers }: Head): { readonly region?: string } {
  const region = headers["x-amz-bucket-region"] ?? "";
  return /^[a-z0-9-]{1,40}$/.test(region) ? { region } : {};
}

const rejected = new Set(["InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSecurity", "NotSignedUp"]);
const worn = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidToken",
  "TokenRefreshRequired",
  "InvalidClientTokenId",
]);
const elsewhere = new Set([
  "AuthorizationHeaderMalformed",
  "PermanentRedirect",
  "TemporaryRedirect",
  "IncorrectEndpoint",
]);
const busy = new Set(["SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "OperationAborted"]);

export interface RefusalContext {
  readonly artifact: string;
  readonly bucket: string;
  readonly region: string;
  /** Wall time. */
  readonly now: number;
}

/** What a refusal of an S3 store means, with the way out where its code tells one. */
export function storeRefusal(answer: HttpAnswer, error: StoreError, context: RefusalContext): Failure {
  const { artifact, now } = context;
  const { code } = error;
  const known = setupRefusal(answer, error, context);
  if (known !== undefined) return known;
  if (code === "NoSuchKey" || code === "NoSuchVersion") return failure("artifact-missing", { artifact });
  if (code === "InvalidObjectState") return failure("artifact-archived", { artifact });
  if (busy.has(code) && answer.status < 500) return failure("store-busy", { artifact, status: answer.status });
  return refusalOf(artifact, answer, now, code);
}

/** A refusal whatever is asked for: the region, the clock, the bucket or the keys are not right. */
export function setupRefusal(answer: Head, error: StoreError, context: RefusalContext): Failure | undefined {
  const { artifact, bucket, region, now } = context;
  const { code } = error;
  if (error.region !== undefined && error.region !== region && (elsewhere.has(code) || isRedirect(answer.status))) {
    return failure("region-wrong", { bucket, region, right: error.region });
  }
  if (code === "RequestTimeTooSkewed") return failure("clock-skewed", { artifact, skew: skewOf(answer, now) });
  if (code === "NoSuchBucket") return failure("bucket-missing", { bucket });
  if (rejected.has(code) || worn.has(code)) return failure("credentials-rejected", { artifact, code });
  return undefined;
}

/** Whether other keys might be let in. */
export function blamesKeys(code: string): boolean {
  return code === "AccessDenied" || rejected.has(code) || worn.has(code);
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/** How far this machine's clock is from the store's, as far as its answer tells. */
function skewOf(answer: Head, now: number): string {
  const theirs = Date.parse(answer.headers["date"] ?? "");
  if (Number.isNaN(theirs)) return "far from";
  const difference = Math.round((now - theirs) / 1000) * 1000;
  return `${formatDuration(Math.abs(difference))} ${difference < 0 ? "behind" : "ahead of"}`;
}
