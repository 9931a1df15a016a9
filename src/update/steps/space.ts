import { failure } from "../../domain/failures/failure.ts";
import type { Marker } from "../../domain/release.ts";
import { type Bytes, formatSize } from "../../domain/size.ts";
import type { UpdatePorts } from "../ports.ts";

/** Left free for the journal and for everybody else. */
const reserve: Bytes = 16 * 1024 ** 2;
/** What an archive grows to at most in the usual case; a greater one fails while it is unpacked, and is cleaned up. */
const growth = 3;
/** For the folders and links of the agent itself; how many files an archive holds is known too late. */
const leastInodes = 64;

/** Refuses an update that would fill the disk, before a byte is fetched. */
export async function refuseWithoutSpace(ports: UpdatePorts, marker: Marker): Promise<void> {
  const { downloads, releases, service } = ports;
  const packed = marker.size ?? 0;
  const unpacked = Math.min(packed * growth, service.artifact.limits.unpackedSize);
  if ((await downloads.free()).bytes < packed + reserve) {
    // What an earlier attempt left may be all that is missing.
    await downloads.discard();
  }
  const free = await downloads.free();
  if (free.bytes < packed + reserve) throw spaceMissing(downloads.file, packed + reserve, free.bytes);
  if (free.inodes !== undefined && free.inodes < leastInodes) throw inodesMissing(downloads.file, free.inodes);
  const left = await releases.freeSpace();
  if (left < unpacked + reserve) throw spaceMissing(releases.place.releases, unpacked + reserve, left);
  const inodes = await releases.freeInodes();
  if (inodes < leastInodes) throw inodesMissing(releases.place.releases, inodes);
}

function inodesMissing(folder: string, free: number): Error {
  return failure("files-missing", { folder, needed: leastInodes, free });
}

function spaceMissing(folder: string, needed: Bytes, free: Bytes): Error {
  return failure("space-missing", { folder, needed: formatSize(needed), free: formatSize(free) });
}
