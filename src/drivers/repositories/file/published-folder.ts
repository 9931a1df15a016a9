import type { Files, Random } from "../../../platform/ports.ts";
import type { Told } from "../../stores/exchange.ts";
import type { Store } from "../../stores/store.ts";
import { isKey } from "../object-key.ts";
import type { Folders } from "./folders.ts";

/** A folder that is published to: plain files, and beside them the place where the state of documents is decided. */
export interface PublishedFolder extends Told {
  readonly kind: "object";
  readonly folders: Folders;
  readonly store: Store;
  readonly files: Files;
  readonly random: Random;
}

/** The folders on the way to an object. */
export function namesAbove(key: string): readonly string[] {
  return key.split("/").slice(0, -1);
}

/** Names that begin with a dot are no objects: what was decided, drafts, the snapshots of some file systems. */
export function isPlainName(name: string): boolean {
  return !name.includes("/") && isKey(name);
}
