import { mergedMarker } from "../../domain/download-rules.ts";
import { type Failure, failure } from "../../domain/failures/failure.ts";
import type { Marker } from "../../domain/release.ts";
import { AskedToWait } from "../../domain/retry.ts";
import type { HttpAnswer } from "../../platform/ports.ts";
import { retryAfter } from "../../platform/retry-after.ts";
import type { ArtifactBody } from "./repository.ts";

/** Reading of answers (RFC 9110) that is the same for all repositories behind HTTP. */

type Headers = HttpAnswer["headers"];

/** What the head of an answer says of the content. `size` only where the whole content was asked for or its range tells. */
export function markerOfHead(headers: Headers): Marker {
  const size = totalSize(headers);
  return {
    ...(headers["etag"] !== undefined && { etag: headers["etag"] }),
    ...(headers["last-modified"] !== undefined && { lastModified: headers["last-modified"] }),
    ...(headers["content-type"] !== undefined && { contentType: headers["content-type"] }),
    ...(size !== undefined && { size }),
  };
}

function totalSize(headers: Headers): number | undefined {
  const range = headers["content-range"];
  if (range !== undefined) return contentRange(range)?.total;
  const length = headers["content-length"] ?? "";
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

function contentRange(header: string): { readonly from: number; readonly total?: number } | undefined {
  const [, from, total] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(header) ?? [];
  if (from === undefined) return undefined;
  return { from: Number(from), ...(total !== "*" && { total: Number(total) }) };
}

/** Whether an ETag is good enough to continue a content that was cut (RFC 9110, section 8.8.1). */
function isStrong(etag: string | undefined): etag is string {
  return etag !== undefined && !etag.startsWith("W/");
}

/**
 * The headers that ask for the content of `wanted` from byte `from` on, and for no other. Without a strong ETag nothing can
 * be continued safely: the whole content is asked for.
 */
export function contentRequest(wanted: Marker, from: number): Readonly<Record<string, string>> {
  if (!isStrong(wanted.etag)) return {};
  return { "if-match": wanted.etag, ...(from > 0 && { range: `bytes=${from}-` }) };
}

/**
 * The content out of an answer to `contentRequest`; `marker` is what the driver read from its head. Throws
 * "artifact-changed" when it is another content than the wanted one, also when the server ignored If-Match.
 */
export function contentOf(artifact: string, answer: HttpAnswer, wanted: Marker, marker: Marker): ArtifactBody {
  const refuse = (refusal: Failure) => {
    answer.discard();
    return refusal;
  };
  const range = contentRange(answer.headers["content-range"] ?? "");
  if (answer.status === 206 && range === undefined) {
    throw refuse(failure("answer-malformed", { address: artifact, reason: "it sent a part without saying which" }));
  }
  if (differs(wanted, marker)) throw refuse(failure("artifact-changed", { artifact }));
  const now = mergedMarker(wanted, marker);
  return {
    from: answer.status === 206 ? (range?.from ?? 0) : 0,
    ...(now.size !== undefined && { total: now.size }),
    framed: answer.framed,
    marker: now,
    chunks: chunksOf(answer),
  };
}

/** Only what both say counts: a part may come without the validators of the whole (then If-Match has answered). */
function differs(wanted: Marker, marker: Marker): boolean {
  const unequal = (key: "version" | "etag" | "lastModified" | "size") =>
    wanted[key] !== undefined && marker[key] !== undefined && wanted[key] !== marker[key];
  return (["version", "etag", "lastModified", "size"] as const).some(unequal);
}

/** The body, which is also dropped when it is given up before its first byte was read. */
function chunksOf(answer: HttpAnswer): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const inner = answer.body[Symbol.asyncIterator]();
      return {
        next: () => inner.next(),
        async return() {
          answer.discard();
          await inner.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** What an answer without the wanted content means. The body is not touched. `now` is wall time, for Retry-After. */
export function refusalOf(artifact: string, answer: HttpAnswer, now: number, reason = ""): Failure {
  const { status, headers } = answer;
  if (status >= 300 && status < 400) {
    const location = (headers["location"] ?? "nowhere").replace(/[?#].*/s, "").replace(/\/\/[^/]*@/, "//");
    return failure("store-redirects", { artifact, status, location: location.slice(0, 200) });
  }
  if (status === 401 || status === 403) return failure("access-denied", { artifact, status });
  if (status === 404 || status === 410) return failure("artifact-missing", { artifact });
  if (status === 412) return failure("artifact-changed", { artifact });
  if (isPassingStatus(status)) {
    const wait = retryAfter(headers["retry-after"], now);
    return failure("store-busy", { artifact, status }, wait === undefined ? undefined : new AskedToWait(wait));
  }
  return failure("store-refused", { artifact, status, reason: reason && `: ${reason}` });
}

/** Whether the same request may be answered well a little later. */
export function isPassingStatus(status: number): boolean {
  return [408, 425, 429].includes(status) || (status >= 500 && status !== 501 && status !== 505);
}
