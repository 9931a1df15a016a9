import { formatDuration, type Milliseconds } from "../../../domain/duration.ts";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import type { Bytes } from "../../../domain/size.ts";
import { isUncertain, silence, withoutAnswer } from "../../stores/exchange.ts";
import type { StorePorts, Swap } from "../../stores/store.ts";
import { checkedKey, isKey } from "../object-key.ts";
import type { FolderObject, ObjectFolder, WriteCondition } from "../objects.ts";
import {
  answerOf,
  askContainer,
  type Container,
  type ContainerRequest,
  containerRefusal,
  md5,
  requireContainer,
} from "./container-requests.ts";
import { listContainer } from "./list-container.ts";
import { measureObject, removeObject, sweepSegments } from "./measure.ts";
import type { Session } from "./session.ts";
import { uploadObject } from "./upload.ts";

const answerLimit: Bytes = 64 * 1024;
/** For all pages of a listing. */
const listTime: Milliseconds = 300_000;
/** Asks all replicas: one that missed the last write must not pass for the truth. */
const newest = { "x-newest": "true" };

export interface ContainerSettings {
  /** The word of the repository. */
  readonly scheme: string;
  readonly container: string;
  readonly path: string;
  readonly session: Session;
  authorities(): Promise<string | undefined>;
  readonly ports: StorePorts;
}

/**
 * The objects below a path of a container of Swift. Its one condition is If-None-Match: * on a write, which each of its servers
 * judges by what it has itself; no version can be asked for. So what is there is looked at first, and another writer may come in
 * between.
 */
export function containerObjects(settings: ContainerSettings): ObjectFolder {
  const { scheme, container: name, session, authorities, ports } = settings;
  const path = settings.path.replace(/^\/|\/+$/g, "");
  const place = `${scheme}://${name}/${path}`;
  const prefix = `${path}/`;
  const container: Container = { place, kind: "object", name, prefix, session, authorities, ports };
  const keyOf = (key: string) => prefix + checkedKey(key);
  return {
    place,
    swaps: false,
    addressOf: (key) => `${place}/${checkedKey(key)}`,
    read: (key, limit, signal) => readDocument(container, keyOf(key), limit, signal),
    shown: async (key, limit, signal) => (await readDocument(container, keyOf(key), limit, signal))?.bytes,
    measure: (key, signal) => measureObject(container, keyOf(key), signal),
    write: (key, bytes, condition, signal) => writeOnce(container, keyOf(key), bytes, condition, signal),
    upload: (key, content, options) => uploadObject(container, keyOf(key), content, options),
    async list(below, signal) {
      const problem = `not all of it came within ${formatDuration(listTime)}`;
      using limit = ports.clock.deadline(listTime, () => silence(container, `list ${below}`, problem), signal);
      const found = await listContainer(container, prefix + below, limit.signal);
      return found
        .map(({ key, length, modified }) => ({ key: key.slice(prefix.length), length, modified }))
        .filter(({ key }) => isKey(key));
    },
    sweep: (below, before, signal) => sweepSegments(container, prefix + below, before, signal),
    remove: (key, signal) => removeObject(container, keyOf(key), signal),
    close: () => undefined,
  };
}

async function readDocument(
  container: Container,
  key: string,
  limit: Bytes,
  signal: AbortSignal,
): Promise<FolderObject | undefined> {
  const { place, prefix } = container;
  const shown = key.slice(prefix.length);
  const doing = `read ${shown}`;
  const tooLarge = () => failure("document-too-large", { object: `${place}/${shown}`, limit });
  const most = Math.max(limit, answerLimit);
  const request: ContainerRequest = { doing, method: "GET", key, headers: newest, limit: most };
  const answer = await answerOf(container, request, signal).catch((error: unknown) => {
    throw error instanceof Failure && error.code === "answer-too-long" ? tooLarge() : error;
  });
  if (answer.status === 404) {
    await requireContainer(container, signal);
    return undefined;
  }
  if (answer.status !== 200) throw containerRefusal(container, doing, answer);
  const { bytes, framed } = answer;
  if (bytes.length > limit) throw tooLarge();
  const version = tagIn(answer.headers);
  const problem = framed ? documentProblem(bytes, version) : "nothing marks its end";
  if (problem === undefined && version !== undefined) return { bytes, version };
  throw failure("object-store-nonsense", { place, key: shown, problem: problem ?? "" });
}

/** A document is an object in one piece, whose ETag is the MD5 of its content. */
function documentProblem(bytes: Uint8Array, version: string | undefined): string | undefined {
  if (version === undefined) return "it has no ETag of a document";
  return version === md5(bytes) ? undefined : "it is not what its ETag says";
}

function tagIn(headers: Readonly<Record<string, string>>): string | undefined {
  return /^[0-9a-f]{32}$/.exec((headers["etag"] ?? "").replaceAll('"', ""))?.[0];
}

async function writeOnce(
  container: Container,
  key: string,
  body: Uint8Array,
  condition: WriteCondition,
  signal: AbortSignal,
): Promise<Swap> {
  const doing = `write ${key.slice(container.prefix.length)}`;
  if (condition !== "always" && !(await holds(container, key, condition.ifVersion, signal))) {
    return { outcome: "conflict" };
  }
  const headers = {
    etag: md5(body),
    "content-type": "text/plain; charset=utf-8",
    ...(condition !== "always" && condition.ifVersion === undefined && { "if-none-match": "*" }),
  };
  const request = { doing, method: "PUT", key, headers, body, limit: answerLimit } as const;
  const asked = await askContainer(container, request, signal);
  if (asked.answer === undefined) return withoutAnswer(container, doing, asked);
  const { status } = asked.answer;
  if (status === 201) return { outcome: "swapped", version: md5(body) };
  if (status === 412) return { outcome: "conflict" };
  if (status === 422)
    throw failure("upload-damaged", {
      object: `${container.place}/${key.slice(container.prefix.length)}`,
      problem: "its MD5 differs",
    });
  if (status === 404) throw failure("bucket-missing", { bucket: container.name });
  // 202: another write has a later time, by the clocks of the store.
  if (status === 202 || isUncertain(status)) {
    return { outcome: "unknown", problem: containerRefusal(container, doing, asked.answer).note };
  }
  throw containerRefusal(container, doing, asked.answer);
}

async function holds(
  container: Container,
  key: string,
  version: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const doing = `look at ${key.slice(container.prefix.length)}`;
  const answer = await answerOf(container, { doing, method: "HEAD", key, headers: newest, limit: 0 }, signal);
  if (answer.status === 404) {
    await requireContainer(container, signal);
    return version === undefined;
  }
  if (answer.status !== 200) throw containerRefusal(container, doing, answer);
  return version !== undefined && tagIn(answer.headers) === version;
}
