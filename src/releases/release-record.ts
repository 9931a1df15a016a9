import { createHash } from "node:crypto";
import { failure } from "../domain/failures/failure.ts";
import type { Release } from "../domain/release.ts";

/** What a release is made of on disk. */
export type ReleaseContent =
  /** The folder `<id>` is what the application runs from. */
  | { readonly kind: "tree" }
  /** The file `<id>/<name>` is. */
  | { readonly kind: "file"; readonly name: string }
  /** `<id>` is a link to what somebody else keeps elsewhere: an adopted foreign link. */
  | { readonly kind: "link"; readonly target: string };

/** What stands beside each release as `<id>.json`, so that a lost journal can be made again from the disk. */
export interface ReleaseRecord {
  readonly release: Release;
  readonly content: ReleaseContent;
}

/** Whether this can name a release: a name in its folder, and none of those that are ours (they begin with a dot). */
export function isReleaseId(id: string): boolean {
  return /^[^./][^/]*$/.test(id);
}

/** Whether every name in a record stays in the releases folder. Its checksum tells of damage, not of who wrote it. */
export function staysInside({ release, content }: ReleaseRecord): boolean {
  return isReleaseId(release.id) && (content.kind !== "file" || /^(?!\.{1,2}$)[^/]+$/.test(content.name));
}

const format = 1;

/** A document of ours: its format, its body and a checksum over both, so that damage is seen. */
export function seal(body: unknown): string {
  return `${JSON.stringify({ format, body, checksum: checksum(body) })}\n`;
}

/** The body of a sealed document; undefined when it is damaged. A newer format throws: it must not be overwritten. */
export function unseal<Body>(text: string | undefined, path: string): Body | undefined {
  const document = parse(text);
  if (typeof document?.["format"] !== "number") return undefined;
  if (document["format"] > format) throw failure("release-record-newer", { path, format: document["format"] });
  return document["checksum"] === checksum(document["body"]) ? (document["body"] as Body) : undefined;
}

function parse(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined;
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null ? (document as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function checksum(body: unknown): string {
  return createHash("sha256")
    .update(`${format}\n${JSON.stringify(body)}`)
    .digest("hex");
}
