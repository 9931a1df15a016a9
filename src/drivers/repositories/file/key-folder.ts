import { failure } from "../../../domain/failures/failure.ts";
import type { Clock, Files, HeldFolder, Random } from "../../../platform/ports.ts";
import { type Told, valueLimit } from "../../stores/exchange.ts";
import type { Versioned } from "../../stores/store.ts";
import { isMissing } from "./folder-failure.ts";
import type { Folders } from "./folders.ts";
import { type Mark, marksAmong, valueName } from "./version-mark.ts";

export interface FolderParts extends Told {
  readonly folders: Folders;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
}

/** A key's folder as it was at one moment. */
export interface SeenKey {
  readonly folder: HeldFolder;
  readonly mark: Mark;
  readonly names: readonly string[];
}

/**
 * Where a key's folder lies: "=" is in no key, so that "web=" is the value of "web" and "web" the folder of what is below it.
 * "web=" with more behind it is on its way in or out.
 */
export function placeOfKey(key: string): { readonly above: readonly string[]; readonly own: string } {
  const names = key.split("/");
  if (names.some((name) => name === "" || name === "." || name === ".." || /[^\w.~%-]/.test(name))) {
    throw new TypeError(`"${key}" is no key`);
  }
  return { above: names.slice(0, -1), own: `${names.at(-1)}=` };
}

/** A listing beside changes may show no mark or two, and a value may go before it is read: it is looked at again so often. */
const mostLooks = 14;
const longestWait = 100;

/**
 * Uses a key's folder; undefined when there is none. `use` answers undefined to have another look. Throws "rollout-store-busy"
 * or "rollout-store-nonsense" when looking again does not help.
 */
export async function withKey<Value>(
  parts: FolderParts,
  key: string,
  signal: AbortSignal,
  use: (seen: SeenKey) => Promise<Value | undefined>,
): Promise<Value | undefined> {
  const { above, own } = placeOfKey(key);
  let marks: readonly Mark[] = [];
  for (let look = 0; look < mostLooks; look += 1) {
    if (look > 0) await parts.clock.sleep(Math.min(2 ** look, longestWait) * (0.5 + parts.random.fraction()), signal);
    await using folder = await parts.folders.enter([...above, own]);
    if (folder === undefined) return undefined;
    const names = await parts.files.names(folder.path);
    marks = marksAmong(names);
    const [mark] = marks;
    const used = mark && marks.length === 1 ? await use({ folder, mark, names }) : undefined;
    if (used !== undefined) return used;
  }
  throw unsettled(parts, key, marks.length);
}

function unsettled({ place, kind = "rollout" }: Told, key: string, marks: number): Error {
  if (marks === 1) return failure(`${kind}-store-busy`, { place, answer: `${key} changes faster than it can be read` });
  const problem = `its folder says of ${marks === 0 ? "no value" : "several values"} that it is the present one`;
  return failure(`${kind}-store-nonsense`, { place, key, problem });
}

export function markOf(parts: FolderParts, key: string, signal: AbortSignal): Promise<Mark | undefined> {
  return withKey(parts, key, signal, async ({ mark }) => mark);
}

export function readKey(parts: FolderParts, key: string, signal: AbortSignal): Promise<Versioned | undefined> {
  return withKey(parts, key, signal, async ({ folder, mark }) => {
    const [version] = mark.trail;
    try {
      return { bytes: await bytesOf(parts, key, `${folder.path}/${valueName(version)}`), version };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  });
}

async function bytesOf(
  { files, place, kind = "rollout" }: FolderParts,
  key: string,
  path: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of files.chunks(path)) {
    size += chunk.length;
    if (size > valueLimit)
      throw failure(`${kind}-store-nonsense`, { place, key, problem: "it is too long for a value" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** All keys below a folder, at most so deep. What else somebody put there is passed over. */
export async function keysBelow(parts: FolderParts, names: readonly string[], depth = 8): Promise<readonly string[]> {
  await using folder = await parts.folders.enter(names);
  if (folder === undefined || depth === 0) return [];
  const keys: string[] = [];
  for (const name of await parts.files.names(folder.path)) {
    if (/^[\w.~%-]+=$/.test(name)) keys.push([...names, name.slice(0, -1)].join("/"));
    const mayLead =
      /^[\w~%-][\w.~%-]*$/.test(name) && (await parts.files.look(`${folder.path}/${name}`))?.kind === "folder";
    if (mayLead) keys.push(...(await keysBelow(parts, [...names, name], depth - 1)));
  }
  return keys;
}
