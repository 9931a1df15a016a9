import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promoted } from "../../../src/domain/publishing/channel-rules.ts";
import { encodeDocument } from "../../../src/domain/publishing/document-text.ts";
import {
  artifactKey,
  type ChannelDocument,
  type Document,
  type IndexDocument,
  type ReleaseDocument,
} from "../../../src/domain/publishing/documents.ts";
import type { Publication } from "../../../src/domain/publishing/publication.ts";
import { indexWith, pushedRelease, yankedIn } from "../../../src/domain/publishing/version-rules.ts";
import type { TestKey } from "../../domain/publishing/fixture.ts";

/** Where objects are put, by their keys below the path of an application. */
export interface Shelf {
  put(key: string, bytes: Uint8Array): Promise<void> | void;
}

/** A folder as a shelf: each object is there at once. */
export function folderShelf(folder: string): Shelf {
  return {
    put(key, bytes) {
      const path = join(folder, key);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.new`, bytes);
      renameSync(`${path}.new`, path);
    },
  };
}

/** Publishes by the rules that the commands go by, and can be told to break every one of them. */
export interface Publisher {
  /** Puts a tar.gz of these files and its documents there; gives the SHA-256 of the content. */
  push(version: string, files: Readonly<Record<string, string>>): Promise<string>;
  promote(version: string, channel?: string): Promise<ChannelDocument>;
  yank(version: string): Promise<void>;
  channel(name?: string): ChannelDocument;
  release(version: string): ReleaseDocument;
  /** Puts any document anywhere; `by`: another key than the usual one, or none. */
  place(key: string, document: Document, by?: TestKey | "nobody"): Promise<void>;
  bytesOf(document: Document, by?: TestKey | "nobody"): Uint8Array;
}

export interface PublisherOptions {
  readonly service?: string;
  readonly key?: TestKey | undefined;
  readonly created?: () => number;
}

export function createPublisher(shelf: Shelf, options: PublisherOptions = {}): Publisher {
  const { service = "web", key, created = () => Date.now() } = options;
  const releases = new Map<string, ReleaseDocument>();
  const channels = new Map<string, ChannelDocument>();
  let index: IndexDocument | undefined;
  const publication = (): Publication => ({ service, by: "ci@example", created: created() });
  const bytesOf = (document: Document, by: TestKey | "nobody" = key ?? "nobody") => {
    const message = encodeDocument(document, "here");
    return by === "nobody" ? message : by.sign(message);
  };
  const place = async (at: string, document: Document, by?: TestKey | "nobody") => {
    await shelf.put(at, bytesOf(document, by));
  };
  const known = (version: string) => {
    const found = releases.get(version);
    if (found === undefined) throw new Error(`version ${version} was not pushed`);
    return found;
  };
  const placeIndex = async (next: IndexDocument) => {
    index = next;
    await place("index", next);
  };
  return {
    bytesOf,
    place,
    release: known,
    async push(version, files) {
      const bytes = archiveOf(files);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const artifact = { key: artifactKey(sha256, "tar.gz"), sha256, length: bytes.length, format: "tar.gz" };
      const info = { version, artifact: { ...artifact, unpacked: 1000, entries: Object.keys(files).length } };
      await shelf.put(artifact.key, bytes);
      const document = pushedRelease(releases.get(version), info, publication());
      releases.set(version, document);
      await place(`releases/${version}`, document);
      await placeIndex(indexWith(index, document, publication()));
      return sha256;
    },
    async promote(version, channel = "stable") {
      const document = promoted(channels.get(channel), { channel, release: known(version), index }, publication());
      channels.set(channel, document);
      await place(`channels/${channel}`, document);
      return document;
    },
    async yank(version) {
      await placeIndex(yankedIn(index, { version, reason: "bad" }, [...channels.values()], publication()));
    },
    channel(name = "stable") {
      const document = channels.get(name);
      if (document === undefined) throw new Error(`nothing was promoted to ${name}`);
      return document;
    },
  };
}

function archiveOf(files: Readonly<Record<string, string>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "dropship-content-"));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text, { mode: 0o755 });
  const bytes = execFileSync("tar", ["czf", "-", "-C", folder, "."]);
  rmSync(folder, { recursive: true });
  return bytes;
}
