import { Failure } from "../../../domain/failures/failure.ts";
import { silence } from "../../stores/exchange.ts";
import type { Swap } from "../../stores/store.ts";
import { codeOf, folderFailure, isMissing, isUncertain } from "./folder-failure.ts";
import { type FolderParts, markOf, placeOfKey, type SeenKey, withKey } from "./key-folder.ts";
import { fateOf, isValueName, markAfter, valueName } from "./version-mark.ts";

/** What is to be written, by somebody who may stop waiting for it. */
export interface Change {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Set by the one call that decides, as long as nobody knows what it came to: before that, certainly nothing was done. */
  begun: boolean;
}

const conflict: Swap = { outcome: "conflict" };

/** One try; docs/decisions/0011-directory-store.md says why it is right. Throws when certainly nothing was done. */
export async function swapKey(
  parts: FolderParts,
  change: Change,
  version: string | undefined,
  signal: AbortSignal,
): Promise<Swap> {
  const swapped = await withKey(parts, change.key, signal, async (seen) =>
    seen.mark.trail[0] === version ? advance(parts, change, seen, signal) : conflict,
  );
  return swapped ?? (version === undefined ? create(parts, change, signal) : conflict);
}

/** From the version that was seen to a new one: its mark is renamed, which only one can do, for it never comes back. */
async function advance(
  parts: FolderParts,
  change: Change,
  { folder, mark, names }: SeenKey,
  signal: AbortSignal,
): Promise<Swap> {
  const { files } = parts;
  const version = parts.random.name();
  const value = `${folder.path}/${valueName(version)}`;
  const dead: string[] = [];
  try {
    await files.write(value, change.bytes, folder.look.mode & 0o666);
    await files.sync(`${folder.path}/.`);
    const from = `${folder.path}/${mark.name}`;
    const to = `${folder.path}/${markAfter(version, mark).name}`;
    const step = { version, before: mark.trail[0], from, to, synced: `${folder.path}/.` };
    const swap = await decide(parts, change, step, signal);
    if (swap.outcome === "conflict") dead.push(value);
    // Whatever value was there before this one took over is of no use to anybody any more.
    if (swap.outcome === "swapped") dead.push(...names.filter(isValueName).map((name) => `${folder.path}/${name}`));
    return swap;
  } catch (error) {
    dead.push(value);
    if (isMissing(error)) return conflict;
    throw error;
  } finally {
    await Promise.allSettled(dead.map((path) => files.remove(path)));
  }
}

/** A whole folder is made under another name and then takes the key's, which fails where one stands already. */
async function create(parts: FolderParts, change: Change, signal: AbortSignal): Promise<Swap> {
  const { files, random } = parts;
  const { above, own } = placeOfKey(change.key);
  await using folder = await parts.folders.make(above);
  const drafts = (await files.names(folder.path)).filter((name) => name.startsWith(own) && name !== own);
  const draft = `${folder.path}/${own}${random.name()}`;
  const version = random.name();
  try {
    await files.makeFolder(draft, folder.look.mode & 0o777);
    await files.write(`${draft}/${valueName(version)}`, change.bytes, folder.look.mode & 0o666);
    await files.write(`${draft}/${markAfter(version).name}`, "", folder.look.mode & 0o666);
    await files.sync(draft);
    const names = { from: draft, to: `${folder.path}/${own}`, synced: `${folder.path}/.` };
    const swap = await decide(parts, change, { version, before: undefined, ...names }, signal);
    if (swap.outcome === "conflict") await discard(parts, draft);
    if (swap.outcome === "swapped") await Promise.all(drafts.map((name) => discard(parts, `${folder.path}/${name}`)));
    return swap;
  } catch (error) {
    await discard(parts, draft);
    // Somebody else made the key, and took this draft for one that was left behind.
    if (isMissing(error)) return conflict;
    throw error;
  }
}

/** The one call that makes a change. */
interface Step {
  /** The version that it makes, and the one that must be there. */
  readonly version: string;
  readonly before: string | undefined;
  readonly from: string;
  readonly to: string;
  /** The folder in which it is made. */
  readonly synced: string;
}

/** Throws when certainly nothing was done. */
async function decide(parts: FolderParts, change: Change, step: Step, signal: AbortSignal): Promise<Swap> {
  signal.throwIfAborted();
  change.begun = true;
  try {
    await parts.files.rename(step.from, step.to);
  } catch (error) {
    if (isMissing(error)) return fate(parts, change, step, signal);
    change.begun = isUncertain(error);
    if (change.begun) return unknown(parts, change, error);
    if (codeOf(error) === "EEXIST" || codeOf(error) === "ENOTEMPTY") return conflict;
    throw error;
  }
  return finished(parts, change, step);
}

async function finished(parts: FolderParts, change: Change, { synced, version }: Step): Promise<Swap> {
  try {
    await parts.files.sync(synced);
    return { outcome: "swapped", version };
  } catch (error) {
    return unknown(parts, change, error);
  }
}

async function fate(parts: FolderParts, change: Change, step: Step, signal: AbortSignal): Promise<Swap> {
  try {
    const present = await markOf(parts, change.key, signal);
    const became = fateOf(step.version, step.before, present);
    if (became === "done") return await finished(parts, change, step);
    if (became === "missed") return conflict;
    return unknown(parts, change, "others changed it several times meanwhile");
  } catch (error) {
    return unknown(parts, change, error);
  }
}

function unknown(parts: FolderParts, { key }: Change, why: unknown): Swap {
  const doing = `change ${key}`;
  const known = folderFailure(parts, doing, why);
  if (known instanceof Failure) return { outcome: "unknown", problem: known.note };
  const problem = typeof why === "string" ? why : "it was told to stop waiting";
  return { outcome: "unknown", problem: silence(parts, doing, problem).note };
}

/** Taken out of the way first: whoever is still at work in it must not bring it in half removed. */
async function discard({ files, random }: FolderParts, path: string): Promise<void> {
  const away = path.replace(/=[^=/]*$/, `=${random.name()}`);
  await files
    .rename(path, away)
    .then(() => files.remove(away))
    .catch(() => undefined);
}

export async function putKey(parts: FolderParts, key: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  for (;;) {
    const mark = await markOf(parts, key, signal);
    const swap = await swapKey(parts, { key, bytes, begun: false }, mark?.trail[0], signal);
    if (swap.outcome === "swapped") return;
    if (swap.outcome === "unknown") throw new Failure(swap.problem.code, swap.problem.sentence, swap.problem.remedy);
    await parts.clock.sleep(20 * parts.random.fraction(), signal);
  }
}

export async function removeKey(parts: FolderParts, key: string): Promise<void> {
  const { above, own } = placeOfKey(key);
  await using folder = await parts.folders.enter(above);
  if (folder === undefined) return;
  const away = `${folder.path}/${own}${parts.random.name()}`;
  try {
    await parts.files.rename(`${folder.path}/${own}`, away);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await parts.files.sync(`${folder.path}/.`);
  await parts.files.remove(away);
}
