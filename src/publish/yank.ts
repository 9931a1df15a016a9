import type { IndexDocument } from "../domain/publishing/documents.ts";
import { yankedIn } from "../domain/publishing/version-rules.ts";
import { type Changed, changeDocument } from "./change-document.ts";
import { type Publisher, publicationOf } from "./publisher.ts";
import { readChannels } from "./read-document.ts";

/** Takes a version back. Throws what `yankedIn` throws; nothing was changed then. */
export async function yank(
  publisher: Publisher,
  wish: { readonly version: string; readonly reason: string },
): Promise<Changed<IndexDocument>> {
  const channels = await readChannels(publisher);
  return await changeDocument(publisher, { kind: "index" }, (standing) =>
    yankedIn(standing, wish, channels, publicationOf(publisher)),
  );
}
