import type { Milliseconds } from "../../../domain/duration.ts";
import { failure } from "../../../domain/failures/failure.ts";
import { isUncertain, type StoreAnswer, silence } from "../../stores/exchange.ts";
import { withRetries } from "../retries.ts";
import type { Part } from "../upload-parts.ts";
import { storeErrorIn } from "./error-answer.ts";
import { isCutShort, partsNamed, textOf } from "./object-list.ts";
import { askForObject, type DigestedBody, type ObjectRequest, type Objects, objectRefusal } from "./object-requests.ts";
import { md5Of } from "./stated-digests.ts";

/** Uploads in several parts (Amazon S3 user guide, "Uploading and copying objects using multipart upload"). */

/** A part that the store has. */
export interface StoredPart {
  readonly number: number;
  readonly length: number;
  /** Without quotes. */
  readonly etag: string;
}

/** Thrown when the store does not know the upload any more: somebody completed or aborted it. */
export const uploadGone = new Error("the upload is gone");

const answerLimit = 4 * 1024 * 1024;
/** The slowest line over which a part still counts as on its way, in bytes per millisecond. */
const slowestRate = 16;
const partStart: Milliseconds = 60_000;
/** A store may put all parts together before it answers. */
const answerTime: Milliseconds = 180_000;
/** Of one key: a thousand are on a page. */
const mostPages = 20;

/** An upload that was begun and not ended. */
export interface OpenUpload {
  /** The whole key. */
  readonly key: string;
  readonly id: string;
  /** As the store writes it (ISO 8601). */
  readonly begun: string;
}

/** Those whose keys begin with this, the oldest first. */
export async function openUploads(
  objects: Objects,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly OpenUpload[]> {
  const found: OpenUpload[] = [];
  let markers: Readonly<Record<string, string>> = {};
  for (let page = 0; page < mostPages; page += 1) {
    const doing = "list unfinished uploads";
    const query = { uploads: "", prefix, ...markers };
    const answer = await answered(objects, { doing, method: "GET", key: "", query, limit: answerLimit }, signal);
    if (answer.status === 501) return [];
    expect(objects, doing, answer, "ListMultipartUploadsResult");
    for (const upload of partsNamed("Upload", answer.text)) {
      const [id, key = ""] = [textOf("UploadId", upload), textOf("Key", upload)];
      if (id !== undefined && key.startsWith(prefix)) found.push({ key, id, begun: textOf("Initiated", upload) ?? "" });
    }
    const next = [textOf("NextKeyMarker", answer.text), textOf("NextUploadIdMarker", answer.text)];
    if (!isCutShort(answer.text) || next[0] === undefined) break;
    markers = { "key-marker": next[0], ...(next[1] && { "upload-id-marker": next[1] }) };
  }
  return found.sort((one, other) => (`${one.begun} ${one.id}` < `${other.begun} ${other.id}` ? -1 : 1));
}

/** The parts that the store has of an upload; throws `uploadGone`. */
export async function storedParts(
  objects: Objects,
  key: string,
  uploadId: string,
  signal: AbortSignal,
): Promise<readonly StoredPart[]> {
  const found: StoredPart[] = [];
  let marker: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const doing = "list the parts of an unfinished upload";
    const query = { uploadId, ...(marker && { "part-number-marker": marker }) };
    const answer = await answered(objects, { doing, method: "GET", key, query, limit: answerLimit }, signal);
    expect(objects, doing, answer, "ListPartsResult");
    for (const part of partsNamed("Part", answer.text)) {
      found.push({
        number: Number(textOf("PartNumber", part)),
        length: Number(textOf("Size", part)),
        etag: (textOf("ETag", part) ?? "").replaceAll('"', ""),
      });
    }
    marker = isCutShort(answer.text) ? textOf("NextPartNumberMarker", answer.text) : undefined;
    if (marker === undefined) break;
  }
  return found;
}

export async function beginUpload(
  objects: Objects,
  key: string,
  contentType: string,
  signal: AbortSignal,
): Promise<string> {
  const doing = `begin to upload ${shown(objects, key)}`;
  const headers = { "content-type": contentType };
  const request = { doing, method: "POST", key, query: { uploads: "" }, headers, limit: answerLimit } as const;
  const answer = await answered(objects, request, signal);
  expect(objects, doing, answer, "InitiateMultipartUploadResult");
  const id = textOf("UploadId", answer.text);
  if (id !== undefined) return id;
  throw failure("object-store-nonsense", { place: objects.place, key, problem: "it named no upload" });
}

/** Sends one part, or with no `uploadId` the whole object. What the store says of it is compared with what was sent. */
export async function sendPart(
  objects: Objects,
  key: string,
  part: Part,
  body: DigestedBody,
  sending: { readonly uploadId?: string; readonly contentType?: string; readonly signal: AbortSignal },
): Promise<void> {
  const { uploadId, contentType, signal } = sending;
  const doing =
    uploadId === undefined ? `store ${shown(objects, key)}` : `store part ${part.number} of ${shown(objects, key)}`;
  const time = partStart + part.length / slowestRate;
  const query = uploadId === undefined ? {} : { partNumber: String(part.number), uploadId };
  const headers = contentType === undefined ? {} : { "content-type": contentType };
  const request = { doing, method: "PUT", key, query, headers, body, limit: answerLimit, time, answerTime } as const;
  const answer = await once(objects, request, signal);
  if (answer.status !== 200) throw refusal(objects, doing, answer);
  const md5 = md5Of(answer.headers, objects.bucket.name);
  if (md5 === undefined || md5 === part.md5) return;
  throw failure("upload-damaged", { object: `${objects.place}/${shown(objects, key)}`, problem: `its MD5 is ${md5}` });
}

/** Makes one object of the parts. Once the store has begun to answer it may still say that it failed. */
export async function completeUpload(
  objects: Objects,
  key: string,
  uploadId: string,
  parts: readonly StoredPart[],
  signal: AbortSignal,
): Promise<void> {
  const doing = `put the parts of ${shown(objects, key)} together`;
  const list = [...parts]
    .sort((one, other) => one.number - other.number)
    .map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag></Part>`);
  const body = new TextEncoder().encode(`<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`);
  const headers = { "content-type": "application/xml" };
  const time = answerTime;
  const request = { doing, method: "POST", key, query: { uploadId }, headers, body, limit: answerLimit, time } as const;
  const answer = await once(objects, request, signal);
  if (answer.status !== 200) throw refusal(objects, doing, answer);
  if (/<Error>/.test(answer.text)) throw refusal(objects, doing, { ...answer, status: 500 });
  if (!/<CompleteMultipartUploadResult[\s>]/.test(answer.text)) {
    throw silence(objects, doing, "its answer does not say that it is done");
  }
}

/** For what is of no use to anybody: whether it works out is not important. */
export async function abortUpload(objects: Objects, key: string, uploadId: string, signal: AbortSignal): Promise<void> {
  const doing = `drop an unfinished upload of ${shown(objects, key)}`;
  await once(objects, { doing, method: "DELETE", key, query: { uploadId }, limit: answerLimit }, signal).catch(() => {
    signal.throwIfAborted();
  });
}

function shown({ prefix }: Objects, key: string): string {
  return key.slice(prefix.length);
}

async function once(objects: Objects, request: ObjectRequest, signal: AbortSignal): Promise<StoreAnswer> {
  const asked = await askForObject(objects, request, signal);
  if (asked.answer === undefined) throw asked.problem;
  return asked.answer;
}

function answered(objects: Objects, request: ObjectRequest, signal: AbortSignal): Promise<StoreAnswer> {
  const { place, ports } = objects;
  return withRetries({ place, doing: request.doing }, ports, signal, async () => {
    const answer = await once(objects, request, signal);
    if (answer.status === 501 || !(isUncertain(answer.status) || answer.status === 429)) return answer;
    throw objectRefusal(objects, request.doing, answer);
  });
}

function expect(objects: Objects, doing: string, answer: StoreAnswer, element: string): void {
  if (answer.status !== 200) throw refusal(objects, doing, answer);
  if (answer.text.includes(`<${element}`) && answer.text.includes(`</${element}>`)) return;
  throw failure("object-store-nonsense", {
    place: objects.place,
    key: doing,
    problem: "its answer is none of this protocol",
  });
}

const damaged = new Set(["BadDigest", "XAmzContentSHA256Mismatch"]);
const interrupted = new Set(["IncompleteBody", "RequestTimeout", "InternalError", "SlowDown", "ServiceUnavailable"]);
const full = new Set(["QuotaExceeded", "EntityTooLarge", "InvalidStorageClass", "TooManyParts"]);

/** What an answer to an upload means that no good one is. */
function refusal(objects: Objects, doing: string, answer: StoreAnswer): unknown {
  const { code } = storeErrorIn(answer.text, answer);
  const { place } = objects;
  const said = `status ${answer.status} (${code})`;
  // The second one is what Ceph says while somebody else completes it.
  if (code === "NoSuchUpload" || code === "NoSuchKey") return uploadGone;
  // Parts that the store said it had, and has not: only a new upload helps.
  if (code === "InvalidPart" || code === "InvalidPartOrder") return uploadGone;
  if (damaged.has(code))
    return failure("upload-damaged", { object: place, problem: `it refused to ${doing} (${code})` });
  if (interrupted.has(code)) return silence(objects, doing, `it answered with ${said}`);
  if (full.has(code)) return failure("object-store-full", { place, doing, answer: said });
  return objectRefusal(objects, doing, answer);
}
