import { lstat, realpath, unlink } from "node:fs/promises";
import { formatDuration, type Milliseconds } from "../../../domain/duration.ts";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import { stoppable } from "../../../platform/stoppable.ts";
import { callLimit, silence, withoutAnswer } from "../../stores/exchange.ts";
import type { StorePorts } from "../../stores/store.ts";
import { checkedKey, splitKey } from "../object-key.ts";
import type { ListedObject, ObjectFolder } from "../objects.ts";
import { changeDocument, readDocument, readPlain, storeKey } from "./documents.ts";
import { folderFailure, isMissing } from "./folder-failure.ts";
import { foldersBelow, type RootRules } from "./folders.ts";
import { placeFile, removeOldDrafts } from "./place-file.ts";
import { isPlainName, namesAbove, type PublishedFolder } from "./published-folder.ts";
import { folderStore } from "./rollout-store.ts";

/** Whoever may write in the folder may publish there: who is believed is what signatures are for. */
const published: RootRules = { kind: "object", mode: 0o755, doubt: async () => undefined };

/** For one call; a change of a document is a few calls of the store below it. */
const documentLimit: Milliseconds = 3 * callLimit;
/** Of an upload: a start, and the slowest mount. */
const uploadStart: Milliseconds = 60_000;
const slowestUpload = 64;

/** The objects of a folder on this machine, or on what is mounted there: plain files, as agents follow them. */
export function fileObjects(path: string, ports: StorePorts): ObjectFolder {
  const place = `file:${path}`;
  const call = createCall(path, place, ports);
  const addressOf = (key: string) => `${place}/${checkedKey(key)}`;
  return {
    place,
    swaps: true,
    addressOf,
    read: (key, limit, signal) =>
      call(`read ${key}`, signal, async (folder, stop) => {
        const found = await readDocument(folder, checkedKey(key), limit, stop);
        if (found !== undefined && found.bytes.length > limit) {
          throw failure("document-too-large", { object: addressOf(key), limit });
        }
        return found;
      }),
    shown: (key, limit, signal) =>
      call(`read ${key}`, signal, async (folder) => (await readPlain(folder, checkedKey(key), limit))?.bytes),
    measure: (key, signal) =>
      call(`look at ${key}`, signal, async (folder) => {
        await using held = await folder.folders.enter(namesAbove(checkedKey(key)));
        const look = held && (await folder.files.look(`${held.path}/${splitKey(key).name}`));
        return look?.kind === "file" ? { length: look.size } : undefined;
      }),
    async write(key, bytes, condition, signal) {
      const doing = `write ${key}`;
      const change = { key: checkedKey(key), bytes, condition, begun: false };
      try {
        return await call(doing, signal, (folder, stop) => changeDocument(folder, change, stop));
      } catch (problem) {
        return withoutAnswer({ place, kind: "object" }, doing, { problem, sent: change.begun && isUncertain(problem) });
      }
    },
    upload: (key, content, options) =>
      call(
        `store ${key}`,
        options.signal,
        (folder, signal) => placeFile(folder, checkedKey(key), content, { ...options, signal }),
        uploadStart + content.length / slowestUpload,
      ),
    list: (prefix, signal) =>
      call(`list ${prefix}`, signal, async (folder, stop) => {
        const all = await filesBelow(folder, prefix.split("/").slice(0, -1), stop);
        return all.filter(({ key }) => key.startsWith(prefix));
      }),
    sweep: (prefix, before, signal) =>
      call("remove what was left unfinished", signal, (folder, stop) =>
        removeOldDrafts(folder, prefix.split("/").slice(0, -1), before, stop),
      ),
    remove: (key, signal) =>
      call(`remove ${key}`, signal, (folder, stop) => removeObject(folder, checkedKey(key), stop)),
    close: () => undefined,
  };
}

type Call = <Value>(
  doing: string,
  signal: AbortSignal,
  work: (folder: PublishedFolder, limit: AbortSignal) => Promise<Value>,
  time?: Milliseconds,
) => Promise<Value>;

/** Every call ends in time, whether the file system comes back or not. */
function createCall(path: string, place: string, ports: StorePorts): Call {
  const told = { place, kind: "object" } as const;
  const opening = openFolder(path, place, ports);
  return async (doing, signal, work, time = documentLimit) => {
    const late = () => silence(told, doing, `not done within ${formatDuration(time)}`);
    using limit = ports.clock.deadline(time, late, signal);
    try {
      const working = opening().then((folder) => work(folder, limit.signal));
      return await stoppable(working, limit.signal);
    } catch (error) {
      throw limit.signal.aborted ? limit.signal.reason : folderFailure(told, doing, error);
    }
  };
}

/** A folder that refused did nothing; all else may have been done, or may still be. */
function isUncertain(problem: unknown): boolean {
  return !(problem instanceof Failure) || problem.code === "object-store-unanswered";
}

/** The target itself may be a link that its user made; nothing below it is followed. */
function openFolder(path: string, place: string, ports: StorePorts): () => Promise<PublishedFolder> {
  return async () => {
    const root = await realpath(path).catch((error: unknown) => {
      if (isMissing(error)) return path;
      throw error;
    });
    return {
      place,
      kind: "object",
      folders: foldersBelow(root, ports.files, published),
      store: folderStore(root, ports, { place, root: published }),
      files: ports.files,
      random: ports.random,
    };
  };
}

/** As deep as keys are, and a little more. */
const deepest = 8;

async function filesBelow(
  folder: PublishedFolder,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly ListedObject[]> {
  await using held = await folder.folders.enter(names);
  if (held === undefined) return [];
  const found: ListedObject[] = [];
  for (const name of (await folder.files.names(held.path)).filter(isPlainName)) {
    signal.throwIfAborted();
    const stats = await lstat(`${held.path}/${name}`).catch(() => undefined);
    const key = [...names, name].join("/");
    if (stats?.isFile()) found.push({ key, length: stats.size, modified: Math.floor(stats.mtimeMs) });
    if (stats?.isDirectory() && names.length < deepest)
      found.push(...(await filesBelow(folder, [...names, name], signal)));
  }
  return found;
}

/** What was decided goes first: a file that is left is removed by the next call, a decision would bring the file back. */
async function removeObject(folder: PublishedFolder, key: string, signal: AbortSignal): Promise<void> {
  await folder.store.remove(storeKey(key), signal);
  await using held = await folder.folders.enter(namesAbove(key));
  if (held === undefined) return;
  try {
    await unlink(`${held.path}/${splitKey(key).name}`);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await folder.files.sync(`${held.path}/.`);
}
