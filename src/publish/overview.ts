import type { ChannelDocument, IndexDocument } from "../domain/publishing/documents.ts";
import type { Publisher } from "./publisher.ts";
import { readChannels, readDocument, required } from "./read-document.ts";

/** What is published of an application. */
export interface Overview {
  readonly index: IndexDocument;
  readonly channels: readonly ChannelDocument[];
}

/** Throws "nothing-published". */
export async function overview(publisher: Publisher): Promise<Overview> {
  const [index, channels] = await Promise.all([readDocument(publisher, { kind: "index" }), readChannels(publisher)]);
  return { index: required(publisher, index).document, channels };
}
