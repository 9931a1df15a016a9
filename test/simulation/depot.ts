import { failure } from "../../src/domain/failures/failure.ts";
import { type Marker, sameMarker } from "../../src/domain/release.ts";
import type { Unpack } from "../../src/drivers/archives/archive.ts";
import type { Download, Repository } from "../../src/drivers/repositories/repository.ts";
import type { DownloadPlace } from "../../src/update/ports.ts";
import { packed, packedIn, partsOf, placeFile } from "./content.ts";
import type { Dice } from "./dice.ts";
import type { Disk } from "./disk.ts";
import type { DiskState } from "./files.ts";
import type { Life } from "./life.ts";

/** How a release fares when it runs. */
export type Quality =
  | "good"
  /** Never healthy, anywhere. */
  | "bad"
  /** Never healthy on some hosts. */
  | "picky"
  /** Healthy at first, and not for long. */
  | "faint";

export interface Published {
  readonly digest: string;
  readonly quality: Quality;
  /** By the order of first publication. */
  readonly number: number;
}

/** What is on offer, and everything that ever was. */
export interface Depot {
  readonly published: ReadonlyMap<string, Published>;
  offer(): { readonly marker: Marker; readonly release: Published } | undefined;
  publish(quality: Quality): Published;
  /** The same content once more, as another upload. */
  publishAgain(digest: string): void;
  /** Nobody can be asked. */
  down: boolean;
}

export interface DepotRules {
  /** Whether uploads say when they were made. */
  readonly dated: boolean;
  /** Whether the tag of an upload is made from its content. */
  readonly tagsContent: boolean;
  /** The depot's own clock. */
  readonly now: () => number;
}

export const artifactSize = 1000;

export function createDepot(dice: Dice, { dated, tagsContent, now }: DepotRules): Depot {
  const published = new Map<string, Published>();
  let present: { readonly marker: Marker; readonly release: Published } | undefined;
  let uploads = 0;
  const upload = (release: Published) => {
    uploads += 1;
    const moment = Math.floor(now());
    const marker: Marker = {
      artifact: "simulated://web",
      etag: tagsContent ? `"${release.digest.slice(0, 32)}"` : `"upload ${uploads}"`,
      lastModified: new Date(moment).toUTCString(),
      size: artifactSize,
      ...(dated && { uploadedAt: moment }),
    };
    present = { marker, release };
  };
  return {
    published,
    down: false,
    offer: () => present,
    publish(quality) {
      const digest = Array.from({ length: 8 }, () => dice.whole(0, 0xffff_ffff).toString(16).padStart(8, "0")).join("");
      const release = { digest, quality, number: published.size };
      published.set(digest, release);
      upload(release);
      return release;
    },
    publishAgain(digest) {
      const release = published.get(digest);
      if (release) upload(release);
    },
  };
}

/** What may befall a request to the depot. */
export type DepotFate = "answered" | "refused" | "slow";

export interface DepotParts {
  readonly depot: Depot;
  readonly life: Life;
  readonly dice: Dice;
  readonly disk: Disk;
  readonly state: DiskState;
  readonly fate: () => DepotFate;
  readonly onCheck: () => void;
}

export function repositoryFor({ depot, life, dice, fate, onCheck }: DepotParts): Repository {
  return {
    artifact: "simulated://web",
    async check(known, signal) {
      onCheck();
      await reach(depot, life, dice, fate(), signal);
      const offer = depot.offer();
      if (offer === undefined) throw failure("artifact-missing", { artifact: "simulated://web" });
      return sameMarker(known, offer.marker) ? { outcome: "unchanged" } : { outcome: "found", marker: offer.marker };
    },
    open: () => Promise.reject(new Error("the download is simulated as a whole")),
    close() {},
  };
}

async function reach(depot: Depot, life: Life, dice: Dice, fate: DepotFate, signal: AbortSignal): Promise<void> {
  await life.clock.sleep(fate === "slow" ? dice.scaled(1_000, 90_000) : dice.scaled(5, 300), signal);
  if (depot.down || fate === "refused") {
    throw failure("connection-failed", { address: "simulated://web", reason: "simulated" });
  }
}

/** Fetches what is on offer, over a while; goes on where it was cut. */
export function downloadFor(parts: DepotParts): Download {
  const { depot, life, dice, disk, state } = parts;
  return async (_, { marker, file, signal, onProgress }) => {
    const fate = parts.fate();
    await life.clock.sleep(fate === "slow" ? dice.scaled(60_000, 900_000) : dice.scaled(500, 60_000), signal);
    await reach(depot, life, dice, fate, signal);
    const offer = depot.offer();
    if (offer === undefined || !sameMarker(marker, offer.marker)) {
      throw failure("artifact-changed", { artifact: "simulated://web" });
    }
    if (state.full) throw failure("disk-full", { path: file });
    await life.call("download", () => {
      const there = disk.find(file);
      if (there) Object.assign(there, { text: packed(offer.release.digest), synced: packed(offer.release.digest) });
      else placeFile(disk, file, packed(offer.release.digest));
    });
    onProgress(artifactSize, artifactSize);
    return { digest: offer.release.digest, size: artifactSize, marker: offer.marker };
  };
}

export function downloadsFor({ life, disk, state }: DepotParts): DownloadPlace {
  const file = "/var/lib/dropship/downloads/web";
  return {
    file,
    free: async () => ({ bytes: state.full ? 1000 : 1e12 }),
    discard: () =>
      life.call("discard", () => {
        if (disk.find(file) === undefined) return;
        disk.change([{ ...disk.place(file), inode: undefined }]);
      }),
  };
}

/** Unpacks in steps, between which the process may end; what it wrote is synced at its end, as it is told. */
export function unpackFor({ life, dice, disk, state }: DepotParts, onChange: (path: string) => void): Unpack {
  return async (request, signal, onProgress) => {
    const archive = disk.find(request.file);
    if (archive === undefined) throw failure("archive-unpacker-died", { reason: "there is no archive" });
    const made: Parameters<Disk["sync"]>[0][] = [];
    for (const { path, text } of partsOf(packedIn(archive.text))) {
      await life.clock.sleep(dice.scaled(10, 5_000), signal);
      await life.call("unpack", () => {
        if (state.full) throw failure("archive-write-failed", { path, reason: "no space" });
        made.push(...write(disk, request.folder, path, text));
        onChange(request.folder);
      });
      onProgress(text.length);
    }
    await life.call("unpack sync", () => {
      if (request.sync) for (const inode of made.toReversed()) disk.sync(inode);
    });
    return { format: "tar", entries: made.length, bytes: artifactSize };
  };
}

function write(disk: Disk, top: string, path: string, text: string): Parameters<Disk["sync"]>[0][] {
  const made: Parameters<Disk["sync"]>[0][] = [];
  const folders = path.split("/").slice(0, -1);
  let at = top;
  for (const name of folders) {
    const { folder } = disk.place(`${at}/${name}`);
    at = `${at}/${name}`;
    const inode = disk.make("folder");
    disk.change([{ folder, name, inode }]);
    made.push(inode);
  }
  const { folder, name } = disk.place(`${top}/${path}`);
  const inode = disk.make("file", text);
  disk.change([{ folder, name, inode }]);
  made.push(inode);
  return made;
}
