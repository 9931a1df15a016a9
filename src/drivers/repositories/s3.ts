import { Failure, type FailureCode } from "../../domain/failures/failure.ts";
import { flag, name, text, url } from "../../domain/options.ts";
import { type Marker, sameMarker } from "../../domain/release.ts";
import type { HttpAnswer } from "../../platform/ports.ts";
import { bucketTarget } from "./bucket-target.ts";
import { contentOf, contentRequest, markerOfHead } from "./http-answer.ts";
import { keyBelow } from "./object-key.ts";
import {
  type ArtifactBody,
  type CheckAnswer,
  defineRepository,
  type Repository,
  type RepositoryPorts,
} from "./repository.ts";
import type { ObjectAddress } from "./s3/address.ts";
import { type Bucket, bucketOf } from "./s3/bucket.ts";
import { bucketFromEnvironment } from "./s3/environment.ts";
import { type RefusalContext, readStoreError, regionOf, type StoreError, storeRefusal } from "./s3/error-answer.ts";
import { bucketObjects } from "./s3/object-folder.ts";
import { bucketStore } from "./s3/rollout-store.ts";
import { type Credentials, signedHeaders } from "./s3/signature.ts";
import { md5Of, sha256Of } from "./s3/stated-digests.ts";

/** An object in Amazon S3 or in a store that speaks its protocol (Ceph, MinIO, …). */
export const s3 = defineRepository({
  name: "s3",
  summary: "An object in Amazon S3, or in a store that speaks its protocol.",
  options: {
    accessKey: name({
      summary: "Access key. Without it the credentials come from AWS's standard chain: environment, profiles, roles.",
      secret: true,
    }),
    secret: name({ summary: "Secret key.", secret: true }),
    token: name({ summary: "Session token of temporary credentials.", secret: true }),
    region: name({
      summary: "Region of the bucket. Default: AWS_REGION of the agent's environment, else us-east-1.",
      aliases: ["name"],
      example: '"eu-central-1"',
    }),
    endpoint: url({
      summary: "Address of the store. Default: Amazon's for the region.",
      example: '"https://objects.example.com"',
    }),
    pathStyle: flag({
      summary:
        "Whether the bucket stands in the path of the address and not in its host name. Default: true for an endpoint that is not Amazon's and for a bucket with dots.",
    }),
    ca: name({
      summary: "A file with the certificates (PEM) of the authorities to trust instead of the built-in ones.",
      example: '"/etc/ssl/private-authority.pem"',
    }),
  },
  artifact: {
    bucket: name({ summary: "The bucket.", required: true, example: '"releases"' }),
    path: name({ summary: "The object's key.", required: true, example: '"web/web.tar.gz"' }),
    objectVersion: text({
      summary:
        "Follow this one version of the object, by the id that the store gave it, in a bucket that keeps versions.",
    }),
  },
  create: (options, artifact, ports) => {
    const bucket = bucketOf(options, artifact.bucket, ports);
    const { objectVersion: version } = artifact;
    const key = keyIn(artifact.path);
    return s3Repository({
      artifact: `s3://${bucket.name}/${key}${version === undefined ? "" : ` (version ${version})`}`,
      bucket,
      address: bucket.addressOf(key, version),
      ports,
    });
  },
  store: (options, artifact, ports) =>
    bucketStore(bucketOf(options, artifact.bucket, ports), `${keyIn(artifact.path)}.rollout/`, ports),
  below: (artifact, key) => ({ ...artifact, path: keyBelow(artifact.path, key), objectVersion: undefined }),
  objects: (options, artifact, ports) =>
    bucketObjects(bucketOf(options, artifact.bucket, ports), keyIn(artifact.path).replace(/\/+$/, ""), ports),
  target: {
    scheme: "s3",
    parse(rest) {
      const parsed = bucketTarget(rest, "bucket");
      return typeof parsed === "string" ? parsed : { ...parsed, objectVersion: undefined };
    },
    fromEnvironment: bucketFromEnvironment,
  },
});

/** The original's library counted "/key" as "key". */
function keyIn(path: string): string {
  return path.replace(/^\//, "");
}

interface Settings {
  readonly artifact: string;
  readonly bucket: Bucket;
  readonly address: ObjectAddress;
  readonly ports: RepositoryPorts;
}

function s3Repository(settings: Settings): Repository {
  const { artifact } = settings;
  return {
    artifact,
    async check(known, signal): Promise<CheckAnswer> {
      const conditions = known?.etag === undefined ? {} : { "if-none-match": known.etag };
      const answer = await ask(settings, "HEAD", conditions, signal);
      answer.discard();
      if (answer.status === 304 && known !== undefined) return { outcome: "unchanged" };
      const marker = markerOfObject(answer, settings.bucket.name);
      return sameMarker(known, marker) ? { outcome: "unchanged" } : { outcome: "found", marker };
    },
    open: (marker, from, signal) => openObject(settings, marker, from, signal),
    close: () => undefined,
  };
}

async function openObject(
  settings: Settings,
  marker: Marker,
  from: number,
  signal: AbortSignal,
): Promise<ArtifactBody> {
  const { artifact, bucket } = settings;
  const answer = await ask(settings, "GET", contentRequest(marker, from), signal);
  if (answer.status === 200 || answer.status === 206) {
    return contentOf(artifact, answer, marker, markerOfObject(answer, bucket.name));
  }
  answer.discard();
  // nothing from there on: what is there already is not a part of this content
  if (answer.status === 416 && from > 0) return openObject(settings, marker, 0, signal);
  throw storeRefusal(answer, { code: "" }, contextOf(settings));
}

/** An answer of the store that is no refusal: content, its head, 304 or 416. */
async function ask(
  settings: Settings,
  method: "GET" | "HEAD",
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { ports } = settings;
  const { credentials } = settings.bucket;
  const first = await credentials.current(signal);
  const answer = await askWith(settings, method, headers, first, signal);
  if (!(answer instanceof Failure)) return answer;
  // keys may have been rotated since they were read
  if (!worthOtherCredentials.has(answer.code) || !credentials.renew(first)) throw answer;
  const second = await credentials.current(signal);
  if (second.secret === first.secret && second.token === first.token) throw answer;
  ports.logger.log("info", "credentials were renewed", { artifact: settings.artifact });
  const answered = await askWith(settings, method, headers, second, signal);
  if (answered instanceof Failure) throw answered;
  return answered;
}

const worthOtherCredentials: ReadonlySet<FailureCode> = new Set(["access-denied", "credentials-rejected"]);

async function askWith(
  settings: Settings,
  method: "GET" | "HEAD",
  headers: Readonly<Record<string, string>>,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<HttpAnswer | Failure> {
  const answer = await send(settings, method, headers, credentials, signal);
  if ([200, 206, 304, 416].includes(answer.status)) return answer;
  const error = await explain(settings, method, answer, credentials, signal);
  return storeRefusal(answer, error, contextOf(settings));
}

async function send(
  { address, bucket, ports }: Settings,
  method: "GET" | "HEAD",
  headers: Readonly<Record<string, string>>,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const asked = { ...headers, "x-amz-checksum-mode": "ENABLED" };
  const request = { method, host: address.host, path: address.path, query: address.query, headers: asked };
  const trusted = await bucket.authorities.read();
  return ports.http.request({
    method,
    url: address.url,
    headers: signedHeaders(request, credentials, bucket.region, ports.clock.wall()),
    signal,
    storedEncoding: true,
    ...(trusted !== undefined && { authorities: trusted }),
  });
}

function contextOf({ artifact, bucket, ports }: Settings): RefusalContext {
  return { artifact, bucket: bucket.name, region: bucket.region, now: ports.clock.wall() };
}

/** Why the store refused. The answer to a HEAD has no body to say so: the same is asked by GET then. */
async function explain(
  settings: Settings,
  method: "GET" | "HEAD",
  answer: HttpAnswer,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<StoreError> {
  if (method === "GET") return readStoreError(answer);
  answer.discard();
  if (answer.status >= 500) return { code: "" };
  const told = await send(settings, "GET", { range: "bytes=0-0" }, credentials, signal);
  if (told.status < 300) {
    told.discard();
    return { code: "" };
  }
  return { ...regionOf(answer), ...(await readStoreError(told)) };
}

/** What the store says of the object; with digests where it states them in a form that covers the whole content. */
function markerOfObject({ headers, status }: HttpAnswer, bucket: string): Marker {
  const version = headers["x-amz-version-id"];
  const md5 = md5Of(headers, bucket);
  const sha256 = status === 206 ? undefined : sha256Of(headers);
  return {
    ...markerOfHead(headers),
    ...(version !== undefined && version !== "null" && { version }),
    ...(md5 !== undefined && { md5 }),
    ...(sha256 !== undefined && { sha256 }),
  };
}
