import { createHash } from "node:crypto";
import { formatDuration, type Milliseconds } from "../../../domain/duration.ts";
import { failure } from "../../../domain/failures/failure.ts";
import type { Bytes } from "../../../domain/size.ts";
import { silence } from "../../stores/exchange.ts";
import type { UploadContent, UploadOptions } from "../objects.ts";
import { withRetries } from "../retries.ts";
import { bodyOfPart, type Part, type Progress, partsOf, progressOf, sendAll, uploadTime } from "../upload-parts.ts";
import { answerOnce, type Container, containerRefusal } from "./container-requests.ts";
import { listContainer } from "./list-container.ts";
import { measureObject, removeSegments, segmentsOf } from "./measure.ts";

/**
 * What is longer is cut into segments that a manifest names (static large objects): a line that breaks costs one segment, and
 * an upload is taken up again. What is shorter stays one object, of which the store states the MD5.
 */
const wholeLimit: Bytes = 256 * 1024 * 1024;
const segmentSize: Bytes = 64 * 1024 * 1024;
/** Stores take a thousand, if nobody set another limit. */
const mostSegments = 900;
const answerLimit = 1024 * 1024;
const answerTime: Milliseconds = 180_000;
const partStart: Milliseconds = 60_000;

interface Job {
  readonly container: Container;
  readonly key: string;
  readonly content: UploadContent;
  readonly parts: readonly [Part, ...Part[]];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export async function uploadObject(
  container: Container,
  key: string,
  content: UploadContent,
  { signal, onProgress }: UploadOptions,
): Promise<void> {
  const time = uploadTime(content.length);
  const doing = `store ${key.slice(container.prefix.length)}`;
  const late = () => silence(container, doing, `not done within ${formatDuration(time)}`);
  using limit = container.ports.clock.deadline(time, late, signal);
  limit.signal.throwIfAborted();
  const parts = await partsOf(content, partSizeFor(content.length), limit.signal);
  const job: Job = { container, key, content, parts, progress: progressOf(onProgress), signal: limit.signal };
  if (!(await isStored(job))) {
    if (parts.length === 1) await sendPart(job, key, parts[0], content.contentType, job.signal);
    else await sendSegments(job);
    await verify(job);
  }
  onProgress(content.length);
}

function partSizeFor(length: Bytes): Bytes {
  return length <= wholeLimit ? Math.max(length, 1) : Math.max(segmentSize, Math.ceil(length / mostSegments));
}

/** Object Storage API v1, "Static large objects": the MD5 of the ETags of the segments, one behind the other. */
function expectedTag({ parts }: Job): string {
  if (parts.length === 1) return parts[0].md5;
  return createHash("md5")
    .update(parts.map(({ md5 }) => md5).join(""))
    .digest("hex");
}

async function isStored(job: Job): Promise<boolean> {
  const found = await measureObject(job.container, job.key, job.signal);
  return found?.length === job.content.length && found.etag === expectedTag(job);
}

async function verify(job: Job): Promise<void> {
  const { container, key, content, signal } = job;
  const found = await measureObject(container, key, signal);
  const object = `${container.place}/${key.slice(container.prefix.length)}`;
  const wrong = (problem: string) => failure("upload-damaged", { object, problem });
  if (found === undefined) throw wrong("it is not there");
  if (found.length !== content.length) throw wrong(`it has ${found.length} bytes instead of ${content.length}`);
  if (found.etag !== expectedTag(job)) throw wrong("it has another ETag");
}

/** The store compares what came with the ETag that is stated, and keeps nothing that differs. */
async function sendPart(job: Job, key: string, part: Part, contentType: string, signal: AbortSignal): Promise<void> {
  const { container, content, progress } = job;
  const { place, ports } = container;
  const doing = `store ${key.slice(container.prefix.length)}`;
  const headers = { etag: part.md5, "content-type": contentType };
  const time = uploadTime(part.length, partStart);
  await withRetries({ place, doing }, ports, signal, async () => {
    const body = bodyOfPart(content, part, progress.begin(part), signal);
    const request = { doing, method: "PUT", key, headers, body, limit: answerLimit, time, answerTime } as const;
    const answer = await answerOnce(container, request, signal);
    if (answer.status === 422) {
      throw failure("upload-damaged", {
        object: `${place}/${key.slice(container.prefix.length)}`,
        problem: "its MD5 differs",
      });
    }
    if (answer.status === 404) throw failure("bucket-missing", { bucket: container.name });
    // 499: the store saw the connection close before all of it had come.
    if (answer.status === 499) throw silence(container, doing, "it answered with status 499");
    if (answer.status !== 201) throw containerRefusal(container, doing, answer);
  });
  progress.done(part);
}

async function sendSegments(job: Job): Promise<void> {
  const { container, key, content, parts, progress, signal } = job;
  const folder = `${segmentsOf(key)}${content.sha256}/`;
  const names = new Map(parts.map((part) => [part, `${folder}${String(part.number).padStart(6, "0")}`]));
  const listed = await listContainer(container, folder, signal);
  const there = new Map(listed.map((segment) => [segment.key, segment]));
  const missing = parts.filter((part) => {
    const segment = there.get(names.get(part) ?? "");
    const stored = segment?.tag === part.md5 && segment.length === part.length;
    if (stored) progress.done(part);
    return !stored;
  });
  const send = (part: Part, stop: AbortSignal) =>
    sendPart(job, names.get(part) ?? "", part, "application/octet-stream", stop);
  await sendAll(missing, send, signal);
  await sendManifest(job, names);
  // Of other content that this object used to have.
  await removeSegments(container, key, signal, new Set(names.values()));
}

/** The store looks at every segment before it takes the manifest. */
async function sendManifest(job: Job, names: ReadonlyMap<Part, string>): Promise<void> {
  const { container, key, content, parts, signal } = job;
  const { place, ports } = container;
  const doing = `put the segments of ${key.slice(container.prefix.length)} together`;
  const manifest = parts.map((part) => ({
    path: `/${container.name}/${names.get(part)}`,
    etag: part.md5,
    size_bytes: part.length,
  }));
  const body = new TextEncoder().encode(JSON.stringify(manifest));
  const headers = { "content-type": content.contentType };
  const query = { "multipart-manifest": "put" };
  await withRetries({ place, doing }, ports, signal, async () => {
    const request = { doing, method: "PUT", key, query, headers, body, limit: answerLimit, time: answerTime } as const;
    const answer = await answerOnce(container, request, signal);
    if (answer.status === 201) return;
    // A segment is not what it was: it is sent again by the next try of the whole.
    if (answer.status === 400 || answer.status === 409) throw refusedManifest(container, doing, answer.status);
    throw containerRefusal(container, doing, answer);
  });
}

function refusedManifest({ place }: Container, doing: string, status: number) {
  const answer = `status ${status}; it does not take large objects of segments, or a segment of it is gone`;
  return failure("object-store-refused", { place, doing, answer });
}
