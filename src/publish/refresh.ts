import { refreshed } from "../domain/publishing/channel-rules.ts";
import { type DocumentName, documentKey, isChannelName } from "../domain/publishing/documents.ts";
import { readVersion } from "../domain/publishing/version.ts";
import { changeDocument, changeObject } from "./change-document.ts";
import { type Publisher, publicationOf } from "./publisher.ts";
import { namesBelow, required } from "./read-document.ts";

/**
 * Signs channels and the index anew, with the next number: they are valid for longer, and signed by the present key. With a
 * key, release documents that another one signed get a new signature; what they say stays as it is, to the byte. `channel`:
 * only this one. Resolves to the keys of what was written. Throws "nothing-published".
 */
export async function refresh(publisher: Publisher, channel: string | undefined): Promise<readonly string[]> {
  const names = channel === undefined ? await all(publisher) : [{ kind: "channel", channel } as const];
  const written: string[] = [];
  for (const name of names) if (await renew(publisher, name)) written.push(documentKey(name));
  return written;
}

/** What hosts read first comes last, so that a new key is found below it already. */
async function all(publisher: Publisher): Promise<readonly DocumentName[]> {
  const [releases, channels] = await Promise.all([
    publisher.key === undefined ? [] : namesBelow(publisher, "releases/"),
    namesBelow(publisher, "channels/"),
  ]);
  return [
    ...releases
      .filter((version) => typeof readVersion(version) !== "string")
      .map((version) => ({ kind: "release", version }) as const),
    { kind: "index" },
    ...channels.filter(isChannelName).map((name) => ({ kind: "channel", channel: name }) as const),
  ];
}

async function renew(publisher: Publisher, name: DocumentName): Promise<boolean> {
  if (name.kind === "release") return resign(publisher, name);
  const { changed } = await changeDocument(publisher, name, (standing) =>
    refreshed(required(publisher, standing), publicationOf(publisher)),
  );
  return changed;
}

async function resign(publisher: Publisher, name: DocumentName & { readonly kind: "release" }): Promise<boolean> {
  const { key } = publisher;
  const { changed } = await changeObject(publisher, name, (found) => {
    const standing = required(publisher, found);
    if (key === undefined || standing.signedBy === key.publicKey.number) return standing;
    return { document: standing.document, bytes: key.sign(standing.message) };
  });
  return changed;
}
