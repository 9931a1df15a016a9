import { failure } from "../domain/failures/failure.ts";
import type { Bytes } from "../domain/size.ts";
import type { ObjectFolder } from "../drivers/repositories/objects.ts";

/** Content as it is to lie under its key. */
export interface Content {
  readonly key: string;
  readonly length: Bytes;
  readonly sha256: string;
  readonly md5?: string;
}

/**
 * Whether the content is there, as far as the store states it: the key is named by the content, and nothing half done ever
 * stands there.
 */
export async function hasContent(folder: ObjectFolder, content: Content, signal: AbortSignal): Promise<boolean> {
  const { length, sha256, md5 } = content;
  const there = await folder.measure(content.key, signal);
  if (there?.length !== length) return false;
  return (there.sha256 ?? sha256) === sha256 && (md5 === undefined || (there.md5 ?? md5) === md5);
}

/** Throws "content-missing": hosts would look for it in vain. */
export async function requireContent(
  folder: ObjectFolder,
  { version, ...content }: Content & { readonly version: string },
  signal: AbortSignal,
): Promise<void> {
  if (await hasContent(folder, content, signal)) return;
  throw failure("content-missing", { object: folder.addressOf(content.key), version });
}
