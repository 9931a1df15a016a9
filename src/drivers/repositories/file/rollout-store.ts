import { formatDuration, type Milliseconds } from "../../../domain/duration.ts";
import { callLimit, silence, withoutAnswer } from "../../stores/exchange.ts";
import type { Store, StorePorts } from "../../stores/store.ts";
import { type Change, putKey, removeKey, swapKey } from "./change-key.ts";
import { folderFailure } from "./folder-failure.ts";
import { foldersBelow, meetingPlace, type RootRules } from "./folders.ts";
import { type FolderParts, keysBelow, markOf, readKey } from "./key-folder.ts";
import { createLanes, inLanes } from "./lanes.ts";

/** All stores of a process together leave one thread of four to everything else, even if all of them hang. */
const shared = createLanes(3);
/** One store does not hold up those on other file systems. */
const lanesOfOne = 2;

/** Who waits for a change looks again after so much of the time that it has waited, within these bounds. */
const lookAfter = 1 / 50;
const quickestLook: Milliseconds = 20;
const slowestLook: Milliseconds = 1000;

/** How the folder is spoken of, and what its root has to be. */
export interface FolderTelling {
  readonly place: string;
  readonly root: RootRules;
}

/**
 * Where many processes meet in one folder, on one machine or on a mount that several share. No lock, no clock, no time limit:
 * docs/decisions/0011-directory-store.md.
 */
export function folderStore(
  root: string,
  ports: StorePorts,
  { place, root: rules }: FolderTelling = { place: `folder ${root}`, root: meetingPlace },
): Store {
  const { files, clock, random } = ports;
  const { kind } = rules;
  const parts: FolderParts = { place, kind, folders: foldersBelow(root, files, rules), files, clock, random };
  const call = createCall(parts);
  return {
    place,
    safety: "strict",
    pace: 0,
    read: (key, signal) => call(`read ${key}`, signal, (limit) => readKey(parts, key, limit)),
    async swap(key, bytes, version, signal) {
      const doing = `change ${key}`;
      const change: Change = { key, bytes, begun: false };
      try {
        return await call(doing, signal, (limit) => swapKey(parts, change, version, limit));
      } catch (problem) {
        return withoutAnswer(parts, doing, { problem, sent: change.begun });
      }
    },
    put: (key, bytes, signal) => call(`write ${key}`, signal, (limit) => putKey(parts, key, bytes, limit)),
    list: (prefix, signal) => call(`list ${prefix}`, signal, () => keysBelow(parts, prefix.split("/").slice(0, -1))),
    remove: (key, signal) => call(`remove ${key}`, signal, () => removeKey(parts, key)),
    watch: createWatch(parts, call),
    close() {
      // Nothing is held between two calls.
    },
  };
}

type Call = <Value>(doing: string, signal: AbortSignal, work: (limit: AbortSignal) => Promise<Value>) => Promise<Value>;

/** Every call ends in time, whether the file system comes back or not. */
function createCall(parts: FolderParts): Call {
  const lanes = [createLanes(lanesOfOne), shared];
  return async (doing, signal, work) => {
    const problem = `no answer within ${formatDuration(callLimit)}`;
    using limit = parts.clock.deadline(callLimit, () => silence(parts, doing, problem), signal);
    try {
      return await inLanes(lanes, () => work(limit.signal), limit.signal);
    } catch (error) {
      throw limit.signal.aborted ? limit.signal.reason : folderFailure(parts, doing, error);
    }
  };
}

/**
 * Looks again and again: often while a change may be near, seldom when it has been long. The system could tell of changes
 * (inotify), but not of those that other machines make on a mount, and asking it for that may hang the whole process.
 */
function createWatch(parts: FolderParts, call: Call): NonNullable<Store["watch"]> {
  const { clock, random } = parts;
  let last: { readonly of: string; readonly since: Milliseconds } = { of: "", since: 0 };
  return async (key, version, patience, signal) => {
    const end = clock.monotonic() + patience;
    const of = `${key} ${version}`;
    if (last.of !== of) last = { of, since: clock.monotonic() };
    const { since } = last;
    const present = (limit: AbortSignal) => markOf(parts, key, limit);
    while ((await call(`look at ${key}`, signal, present))?.trail[0] === version) {
      const now = clock.monotonic();
      if (now >= end) return;
      const pause = Math.min(slowestLook, Math.max(quickestLook, (now - since) * lookAfter));
      await clock.sleep(Math.min(pause * (0.75 + random.fraction() / 2), end - now), signal);
    }
  };
}
