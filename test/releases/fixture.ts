import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Release } from "../../src/domain/release.ts";
import type { Layout } from "../../src/domain/service.ts";
import type { Unpack } from "../../src/drivers/archives/archive.ts";
import { accounts } from "../../src/platform/accounts.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { files } from "../../src/platform/files.ts";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import type { ReleasePlace, ReleaseStore, StageRequest } from "../../src/releases/release-store.ts";
import type { ReleasePorts } from "../../src/releases/store-context.ts";

/** The files of a release by path; a text starting with "->" is a link. */
export type Tree = Readonly<Record<string, string>>;

export const older: Tree = { "app.txt": "one", "lib/code.txt": "older code" };
export const newer: Tree = { "app.txt": "two", "lib/code.txt": "newer code", latest: "->lib/code.txt" };

/** An empty folder on the file system of temporary files; gone when the test ends. */
export function emptyFolder(test: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "dropship-releases-")));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function placeIn(folder: string, layout: Layout = "symlink"): ReleasePlace {
  const destination = join(folder, "app");
  return { service: "web", destination, releases: join(folder, ".dropship/web"), layout };
}

/** Unpacks the JSON of a `Tree`: what an archive holds is another test's subject. A single "=NAME" is a plain file. */
const unpackTree: Unpack = async (request, signal, onProgress) => {
  const tree: Tree = JSON.parse(readFileSync(request.file, "utf8"));
  const plain = tree["="];
  const entries = plain === undefined ? Object.entries(tree) : [[request.fileName, plain] as const];
  const folders = new Set([request.folder]);
  for (const [path, content] of entries) {
    signal.throwIfAborted();
    const parent = join(request.folder, path, "..");
    if (!folders.has(parent)) await mkdir(parent, { recursive: true });
    folders.add(parent);
    if (content.startsWith("->")) await files.makeLink(content.slice(2), join(request.folder, path));
    else await write(join(request.folder, path), content, request);
    if (request.uid !== undefined) await files.setOwner(join(request.folder, path), request.uid, request.gid ?? 0);
    onProgress(content.length);
  }
  if (request.sync) for (const folder of [...folders].toReversed()) await files.sync(folder);
  return { format: plain === undefined ? "tar" : "file", entries: entries.length, bytes: 0 };
};

async function write(path: string, content: string, { mode, sync }: Parameters<Unpack>[0]): Promise<void> {
  await using handle = await open(path, "wx", mode ?? 0o644);
  const bytes = Buffer.from(content);
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, done)).bytesWritten;
  }
  if (sync) await handle.sync();
}

export const ports: ReleasePorts = { files, accounts, clock: systemClock, unpack: unpackTree };

export function release(id: string, stagedAt = 1): Release {
  return { id, digest: createHash("sha256").update(id).digest("hex"), size: 1, stagedAt };
}

export function stageRequest(id: string, file: string, more: Partial<StageRequest> = {}): StageRequest {
  return {
    file,
    release: release(id),
    contentTypeOverrules: false,
    fileName: "app.bin",
    limits: { unpackedSize: 1e9, entries: 1e5, depth: 64, ratio: 1000 },
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  };
}

/** What stands at a path, links at its end followed, as a `Tree`; undefined when nothing does. */
export function readTree(path: string): Tree | undefined {
  let top: string;
  try {
    top = realpathSync(path);
  } catch {
    return undefined;
  }
  if (lstatSync(top).isFile()) return { "=": readFileSync(top, "utf8") };
  const tree: Record<string, string> = {};
  for (const name of readdirSync(top, { recursive: true, encoding: "utf8" })) {
    const look = lstatSync(join(top, name));
    if (look.isFile()) tree[name] = readFileSync(join(top, name), "utf8");
    if (look.isSymbolicLink()) tree[name] = `->${readlinkSync(join(top, name))}`;
  }
  return tree;
}

/** A plain-file artifact. */
export const plain: Tree = { "=": "#!/bin/sh\necho one\n" };

/** A store on an empty folder, with a way to stage. */
export function arrange(test: TestContext, layout: Layout = "symlink") {
  const folder = emptyFolder(test);
  const place = placeIn(folder, layout);
  const store = createReleaseStore(place, ports);
  const stage = async (id: string, tree: Tree, more: Partial<StageRequest> = {}) => {
    const file = join(folder, `${id}.artifact`);
    writeFileSync(file, JSON.stringify(tree));
    await store.stage(stageRequest(id, file, more));
  };
  return { folder, place, store, stage, destination: place.destination };
}

/** All names in the releases folder. */
export const visible = (store: ReleaseStore) => readdirSync(store.place.releases).toSorted();

/** Puts there what a person might have. */
export function put(folder: string, destination: string, what: "folder" | "file" | "link"): void {
  const path = what === "link" ? join(folder, "elsewhere") : destination;
  if (what === "file") writeFileSync(path, "by hand", { mode: 0o755 });
  else {
    mkdirSync(path);
    writeFileSync(join(path, "app.txt"), "by hand");
  }
  if (what === "link") symlinkSync("elsewhere", destination);
}
