import {
  canBeVerified,
  contradiction,
  type DownloadRules,
  downloadRules,
  mergedMarker,
} from "../../domain/download-rules.ts";
import { formatDuration } from "../../domain/duration.ts";
import { asFailure, Failure, type FailureCode, failure } from "../../domain/failures/failure.ts";
import type { Marker } from "../../domain/release.ts";
import { AskedToWait, retryWait } from "../../domain/retry.ts";
import { formatSize } from "../../domain/size.ts";
import type { Clock, Logger, Random } from "../../platform/ports.ts";
import { openPartialFile, type PartialFile, removePartialFile } from "./partial-file.ts";
import type { ArtifactBody, Download, Downloaded, DownloadRequest, Repository } from "./repository.ts";

export interface DownloadPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Failures of one try after which another one may succeed at once. */
const worthAnotherTry: ReadonlySet<FailureCode> = new Set([
  "connection-failed",
  "connection-cut",
  "timed-out",
  "answer-malformed",
  "store-busy",
  "download-too-slow",
]);
/** Failures after which nothing of the file is worth keeping: the space is needed, or the disk cannot be trusted. */
const spoiled: ReadonlySet<FailureCode> = new Set([
  "disk-full",
  "quota-used-up",
  "disk-error",
  "download-too-long",
  "download-damaged",
  "artifact-not-as-published",
]);
/** Progress is told at most this often. */
const progressEvery = 100;
/** Less new bytes than this is no progress: a server that cuts every answer at once must not keep us for ever. */
const progressBytes = 4096;

/** One download on its way. */
interface Job {
  readonly repository: Repository;
  readonly request: DownloadRequest;
  readonly file: PartialFile;
  readonly ports: DownloadPorts;
  readonly rules: DownloadRules;
  /** What the store said of the content, completed by every answer. */
  marker: Marker;
  /** Bytes that came in all tries. */
  readonly received: { bytes: number };
  readonly told: { at: number };
}

/**
 * Makes the function that fetches an artifact's whole content into a file: with retries, resume, a minimum rate, a deadline
 * and the check of what the store states. What is left after a failure is continued by the next call with the same file.
 */
export function createDownload(ports: DownloadPorts, rules: DownloadRules = downloadRules): Download {
  return async (repository, request) => {
    const { marker, limit, signal } = request;
    if ((marker.size ?? 0) > limit) throw tooLong(repository, limit);
    const expired = () => slow(repository, `not finished after ${formatDuration(rules.deadline)}`);
    using deadline = ports.clock.deadline(rules.deadline, expired, signal);
    const file = await openPartialFile(request.file, marker, deadline.signal);
    const job: Job = {
      repository,
      request: { ...request, signal: deadline.signal },
      file,
      ports,
      rules,
      marker,
      received: { bytes: 0 },
      told: { at: Number.NEGATIVE_INFINITY },
    };
    try {
      return await fetchVerified(job);
    } catch (error) {
      if (error instanceof Failure && spoiled.has(error.code)) await removePartialFile(request.file);
      throw error;
    } finally {
      await file.close();
    }
  };
}

/** A content that does not meet what the store states is fetched once more from its start; a second time it is the store's. */
async function fetchVerified(job: Job): Promise<Downloaded> {
  let problem = "";
  for (let round = 0; round < 2; round++) {
    if (round > 0 || job.file.length > (job.marker.size ?? Number.POSITIVE_INFINITY)) await job.file.restart();
    await fetchWhole(job);
    const measured = await job.file.finish();
    const wrong = contradiction(job.marker, measured);
    if (wrong === undefined) {
      job.request.onProgress(measured.size, measured.size);
      return { digest: measured.sha256, size: measured.size, marker: job.marker };
    }
    problem = wrong;
    job.ports.logger.log("warn", "download is damaged", { artifact: job.repository.artifact, problem });
  }
  throw damaged(job, problem);
}

/** What was published is known whatever the store says: then it is the store that is wrong, and not the content that it should have. */
function damaged({ repository: { artifact }, marker }: Job, problem: string): Failure {
  return failure(marker.published ? "artifact-not-as-published" : "download-damaged", { artifact, problem });
}

/** Tries until the content is whole, or a failure stays, or the tries without progress are used up. */
async function fetchWhole(job: Job): Promise<void> {
  const { ports, rules, repository, request } = job;
  let best = job.file.length;
  let failures = 0;
  while (job.marker.size === undefined || job.file.length < job.marker.size) {
    try {
      await fetchOnce(job);
      return;
    } catch (error) {
      request.signal.throwIfAborted();
      const met = asFailure(error);
      await job.file.flush();
      failures = job.file.length >= best + progressBytes && met.code !== "download-too-slow" ? 1 : failures + 1;
      best = Math.max(best, job.file.length);
      if (!worthAnotherTry.has(met.code) || failures >= rules.retries.tries) throw error;
      const asked = met.cause instanceof AskedToWait ? met.cause.wait : undefined;
      const wait = retryWait(rules.retries, failures, ports.random.fraction(), asked);
      ports.logger.log("info", "download interrupted", {
        artifact: repository.artifact,
        code: met.code,
        done: job.file.length,
        wait,
      });
      await ports.clock.sleep(wait, request.signal);
    }
  }
}

async function fetchOnce(job: Job): Promise<void> {
  const { repository, file } = job;
  const pace = watchPace(job);
  try {
    const body = await repository.open(job.marker, file.length, pace.signal);
    await accept(job, body);
    for await (const part of body.chunks) {
      refuseExcess(job, file.length + part.length);
      job.received.bytes += part.length;
      await file.write(part);
      tell(job);
    }
    const { size } = job.marker;
    if (size !== undefined && file.length < size) {
      throw failure("connection-cut", { address: repository.artifact, got: file.length, expected: ` of ${size}` });
    }
    await file.flush();
  } catch (error) {
    // what the pace says is the reason; what the stopped connection says is only its consequence
    pace.signal.throwIfAborted();
    throw error;
  } finally {
    pace.stop();
  }
}

/** Looks at what the store is about to send, and starts at byte 0 where it cannot be continued. */
async function accept(job: Job, body: ArtifactBody): Promise<void> {
  const stated = mergedMarker(job.marker, { ...body.marker, ...(body.total !== undefined && { size: body.total }) });
  const refusal = elsewhere(job, body) ?? refusalOf(job, body, stated);
  if (refusal !== undefined) {
    await body.chunks[Symbol.asyncIterator]().return?.();
    throw refusal;
  }
  job.marker = stated;
  if (body.from !== job.file.length) await job.file.restart();
}

/** A part can be put behind what is there, or be the beginning; any other would end in a content of the right length and no more. */
function elsewhere({ repository, file }: Job, { from }: ArtifactBody): Failure | undefined {
  if (from === 0 || from === file.length) return undefined;
  const reason = `it sent the part from byte ${from} instead of ${file.length}`;
  return failure("answer-malformed", { address: repository.artifact, reason });
}

function refusalOf({ repository, request }: Job, body: ArtifactBody, stated: Marker): Failure | undefined {
  if ((stated.size ?? 0) > request.limit) return tooLong(repository, request.limit);
  if (body.framed !== false || canBeVerified(stated)) return undefined;
  return failure("download-length-unknown", { artifact: repository.artifact });
}

/** Ends a content that goes on after its end, at its first byte too many. */
function refuseExcess(job: Job, length: number): void {
  const { repository, request, marker } = job;
  if (length > request.limit && marker.published === undefined) throw tooLong(repository, request.limit);
  if (length <= (marker.size ?? request.limit)) return;
  throw damaged(job, `more than the ${marker.size} bytes that it says`);
}

interface Pace {
  readonly signal: AbortSignal;
  stop(): void;
}

/** Ends a try that is slower than the minimum rate; the time until the first byte counts as well. */
function watchPace({ request, ports, rules, repository, received }: Job): Pace {
  const stuck = new AbortController();
  const over = new AbortController();
  const rate = `less than ${formatSize(rules.minimumBytes)} in ${formatDuration(rules.minimumWindow)}`;
  const watch = async () => {
    let gained = rules.minimumBytes;
    while (gained >= rules.minimumBytes) {
      const before = received.bytes;
      await ports.clock.sleep(rules.minimumWindow, over.signal);
      gained = received.bytes - before;
    }
    stuck.abort(slow(repository, rate));
  };
  watch().catch(() => undefined);
  return { signal: AbortSignal.any([request.signal, stuck.signal]), stop: () => over.abort() };
}

function tell({ request, ports, file, marker, told }: Job): void {
  const now = ports.clock.monotonic();
  if (now - told.at < progressEvery) return;
  told.at = now;
  request.onProgress(file.length, marker.size);
}

function tooLong({ artifact }: Repository, limit: number): Failure {
  return failure("download-too-long", { artifact, limit: formatSize(limit) });
}

function slow({ artifact }: Repository, pace: string): Failure {
  return failure("download-too-slow", { artifact, pace });
}
