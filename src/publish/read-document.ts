import { Failure, failure } from "../domain/failures/failure.ts";
import {
  type ChannelDocument,
  type Document,
  type DocumentName,
  type DocumentOf,
  documentKey,
  documentLimit,
  isChannelName,
} from "../domain/publishing/documents.ts";
import { readEnvelope } from "../domain/publishing/envelope.ts";
import type { Trust } from "../domain/publishing/trust.ts";
import { type Accepted, isSigned, verifyDocument } from "../domain/publishing/verify-document.ts";
import type { FolderObject } from "../drivers/repositories/objects.ts";
import type { Publisher } from "./publisher.ts";

/** A document as it stands in the repository, and its object. */
export type Standing<One extends Document> = Accepted<One> & FolderObject;

/**
 * Reads a document that is to be built upon. Who signs believes only what a key of theirs has signed: a signature must not
 * make true what somebody else put there. Undefined: there is none. Throws what `verifyDocument` and the store throw.
 */
export async function readDocument<const Name extends DocumentName>(
  publisher: Publisher,
  name: Name,
): Promise<Standing<DocumentOf<Name>> | undefined> {
  const { folder, service, check, signal } = publisher;
  const key = documentKey(name);
  const found = await folder.read(key, documentLimit(name.kind), signal);
  if (found === undefined) return undefined;
  const expected = { ...name, service, object: folder.addressOf(key) };
  // Neither its age nor its number counts here: what has expired is renewed, what went back is brought forward.
  const court = { trust: trustOf(publisher, found.bytes), floors: [], check };
  try {
    const accepted = verifyDocument(found.bytes, expected, court) as Accepted<DocumentOf<Name>>;
    return { ...accepted, ...found };
  } catch (thrown) {
    throw publisher.key === undefined ? thrown : asStanding(thrown, found.bytes, court.trust, expected.object);
  }
}

/** What a host would tell its operator is of no help to who signs. */
function asStanding(thrown: unknown, bytes: Uint8Array, trust: Trust | undefined, object: string): unknown {
  if (!(thrown instanceof Failure)) return thrown;
  if (thrown.code === "document-unsigned") return failure("standing-unsigned", { object });
  const envelope = readEnvelope(bytes);
  if (thrown.code !== "document-key-unknown" || typeof envelope === "string") return thrown;
  const trusted = (trust?.keys ?? []).map(({ number }) => number).join(", ");
  return failure("standing-key-unknown", { object, key: envelope.key, trusted });
}

/** What must stand there. Throws "nothing-published". */
export function required<Value>({ folder, service }: Publisher, standing: Value | undefined): Value {
  if (standing !== undefined) return standing;
  throw failure("nothing-published", { place: folder.place, service });
}

function trustOf({ key, trusted, adopts }: Publisher, bytes: Uint8Array): Trust | undefined {
  if (key === undefined && trusted.length === 0) return undefined;
  if (adopts && !isSigned(bytes)) return undefined;
  const keys = [...(key === undefined ? [] : [key.publicKey]), ...trusted];
  return { keys, maxJump: Number.POSITIVE_INFINITY };
}

/** All channels there are, by their names. */
export async function readChannels(publisher: Publisher): Promise<readonly ChannelDocument[]> {
  const names = await namesBelow(publisher, "channels/");
  const channels = names.filter(isChannelName).map((channel) => readDocument(publisher, { kind: "channel", channel }));
  return (await Promise.all(channels)).filter((one) => one !== undefined).map(({ document }) => document);
}

/** The names of what lies right below this folder. */
export async function namesBelow({ folder, signal }: Publisher, prefix: string): Promise<readonly string[]> {
  const listed = await folder.list(prefix, signal);
  return listed
    .map(({ key }) => key.slice(prefix.length))
    .filter((name) => !name.includes("/"))
    .sort();
}
