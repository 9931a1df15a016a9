import { createHash } from "node:crypto";
import { formatDuration } from "../../../domain/duration.ts";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import type { Bytes } from "../../../domain/size.ts";
import { silence } from "../../stores/exchange.ts";
import type { UploadContent, UploadOptions } from "../objects.ts";
import { withRetries } from "../retries.ts";
import { bodyOfPart, type Part, type Progress, partsOf, progressOf, sendAll, uploadTime } from "../upload-parts.ts";
import { measureObject } from "./measure.ts";
import {
  abortUpload,
  beginUpload,
  completeUpload,
  type OpenUpload,
  openUploads,
  type StoredPart,
  sendPart,
  storedParts,
  uploadGone,
} from "./multipart.ts";
import type { Objects } from "./object-requests.ts";

/** What is not longer is sent as one; the same for all, so that an upload can be taken up by another process. */
const partSize: Bytes = 16 * 1024 * 1024;
const mostParts = 10_000;
/** Others who upload the same may end an upload under our hands; each of them leaves the object there. */
const mostRounds = 3;

interface Job {
  readonly objects: Objects;
  readonly key: string;
  readonly content: UploadContent;
  readonly parts: readonly [Part, ...Part[]];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Sends a file as one object, or in parts beside one another; parts that an earlier try left are not sent again. */
export async function uploadObject(
  objects: Objects,
  key: string,
  content: UploadContent,
  { signal, onProgress }: UploadOptions,
): Promise<void> {
  const time = uploadTime(content.length);
  const doing = `store ${key.slice(objects.prefix.length)}`;
  const late = () => silence(objects, doing, `not done within ${formatDuration(time)}`);
  using limit = objects.ports.clock.deadline(time, late, signal);
  limit.signal.throwIfAborted();
  const parts = await partsOf(content, partSizeFor(content.length), limit.signal);
  const job: Job = { objects, key, content, parts, progress: progressOf(onProgress), signal: limit.signal };
  if (!(await isStored(job))) {
    if (parts.length === 1) await sendWhole(job, parts[0]);
    else await sendParts(job);
    await verify(job);
    if (parts.length > 1) await dropOthers(job);
  }
  onProgress(content.length);
}

/** Whole MiB, as many as it takes to stay within the number of parts. */
function partSizeFor(length: Bytes): Bytes {
  const unit = 1024 * 1024;
  return Math.max(partSize, Math.ceil(length / mostParts / unit) * unit);
}

/** What the store calls this content: the MD5 of it, or of the MD5s of its parts. */
function expectedTag({ parts }: Job): string {
  if (parts.length === 1) return parts[0].md5;
  const digests = Buffer.concat(parts.map(({ md5 }) => Buffer.from(md5, "hex")));
  return `${createHash("md5").update(digests).digest("hex")}-${parts.length}`;
}

async function isStored(job: Job): Promise<boolean> {
  const found = await measureObject(job.objects, job.key, job.signal);
  return found?.length === job.content.length && found.etag === expectedTag(job);
}

/** Length and digests, as far as the store states them of the whole content. */
async function verify({ objects, key, content, parts, signal }: Job): Promise<void> {
  const found = await measureObject(objects, key, signal);
  const wrong = (problem: string) =>
    failure("upload-damaged", { object: `s3://${objects.bucket.name}/${key}`, problem });
  if (found === undefined) throw wrong("it is not there");
  if (found.length !== content.length) throw wrong(`it has ${found.length} bytes instead of ${content.length}`);
  if (found.md5 !== undefined && parts.length === 1 && found.md5 !== parts[0].md5) throw wrong("it has another MD5");
  if (found.sha256 !== undefined && found.sha256 !== content.sha256) throw wrong("it has another SHA-256");
}

async function sendWhole(job: Job, part: Part): Promise<void> {
  const { objects, key, content, progress, signal } = job;
  const { place, ports } = objects;
  await withRetries({ place, doing: "upload" }, ports, signal, () => {
    const body = bodyOfPart(content, part, progress.begin(part), signal);
    return sendPart(objects, key, part, body, { contentType: content.contentType, signal });
  });
}

async function sendParts(job: Job): Promise<void> {
  for (let round = 1; ; round += 1) {
    try {
      await sendRound(job);
      return;
    } catch (error) {
      if (error !== uploadGone) throw error;
      if (await isStored(job)) return;
      if (round >= mostRounds) {
        throw failure("object-store-refused", {
          place: job.objects.place,
          doing: "upload in parts",
          answer: "it lost each upload before it was complete",
        });
      }
    }
  }
}

async function sendRound(job: Job): Promise<void> {
  const { objects, key, content, parts, progress, signal } = job;
  const { place, ports } = objects;
  const { uploadId, there } = await takeUp(job);
  const have = new Set(there.map(({ number }) => number));
  for (const part of parts) if (have.has(part.number)) progress.done(part);
  const send = (part: Part, stop: AbortSignal) =>
    withRetries({ place, doing: `upload part ${part.number}` }, ports, stop, () =>
      sendPart(objects, key, part, bodyOfPart(content, part, progress.begin(part), stop), { uploadId, signal: stop }),
    );
  await sendAll(
    parts.filter(({ number }) => !have.has(number)),
    send,
    signal,
  );
  try {
    await complete(job, uploadId);
  } catch (error) {
    // What cannot be put together must not be taken up again.
    if (error === uploadGone) await abortUpload(objects, key, uploadId, signal);
    throw error;
  }
}

async function complete(job: Job, uploadId: string): Promise<void> {
  const { objects, key, parts, signal } = job;
  const { place, ports } = objects;
  // As the store names them: with keys of KMS an ETag is no MD5.
  const stored = await storedParts(objects, key, uploadId, signal);
  if (stored.filter((one) => parts[one.number - 1]?.length === one.length).length !== parts.length) throw uploadGone;
  await withRetries({ place, doing: "upload" }, ports, signal, () =>
    completeUpload(objects, key, uploadId, stored, signal),
  );
}

interface Taken {
  readonly uploadId: string;
  readonly there: readonly StoredPart[];
}

/** Goes on with the upload that has most of these parts; those that hold anything else are dropped. */
async function takeUp(job: Job): Promise<Taken> {
  const { objects, key, content, signal } = job;
  let best: Taken | undefined;
  const useless: string[] = [];
  for (const uploadId of await unfinished(job)) {
    const there = await partsThere(job, uploadId);
    if (there === undefined || (best !== undefined && there.length <= best.there.length)) {
      useless.push(uploadId);
      continue;
    }
    if (best !== undefined) useless.push(best.uploadId);
    best = { uploadId, there };
  }
  for (const uploadId of useless) await abortUpload(objects, key, uploadId, signal);
  return best ?? { uploadId: await beginUpload(objects, key, content.contentType, signal), there: [] };
}

/** What was begun by a request whose answer was lost, or by others who are through with it by now. */
async function dropOthers(job: Job): Promise<void> {
  for (const uploadId of await unfinished(job)) await abortUpload(job.objects, job.key, uploadId, job.signal);
}

async function unfinished({ objects, key, signal }: Job): Promise<readonly string[]> {
  const below = await listUploads(objects, key, signal);
  return below.filter((one) => one.key === key).map(({ id }) => id);
}

/** Whose keys may not list them uploads everything anew, and leaves everything lying. */
async function listUploads(objects: Objects, prefix: string, signal: AbortSignal): Promise<readonly OpenUpload[]> {
  try {
    return await openUploads(objects, prefix, signal);
  } catch (error) {
    if (error instanceof Failure && error.code === "object-bucket-forbidden") return [];
    throw error;
  }
}

/** Drops uploads that were begun before this time: whoever goes on with one that is so old begins anew. */
export async function dropForsaken(
  objects: Objects,
  prefix: string,
  before: number,
  signal: AbortSignal,
): Promise<void> {
  for (const { key, id, begun } of await listUploads(objects, prefix, signal)) {
    if (Date.parse(begun) < before) await abortUpload(objects, key, id, signal);
  }
}

/** Undefined: it holds something else, or it is gone. */
async function partsThere(
  { objects, key, parts, signal }: Job,
  id: string,
): Promise<readonly StoredPart[] | undefined> {
  try {
    const stored = await storedParts(objects, key, id, signal);
    const fits = ({ number, length, etag }: StoredPart) => {
      const part = parts[number - 1];
      return part?.length === length && part.md5 === etag;
    };
    return stored.every(fits) ? stored : undefined;
  } catch (error) {
    if (error === uploadGone || (error instanceof Failure && error.code === "object-bucket-forbidden"))
      return undefined;
    throw error;
  }
}
