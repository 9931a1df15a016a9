import { failure } from "../../../domain/failures/failure.ts";
import type { Unpacked, UnpackRequest } from "../archive.ts";
import { archives } from "../registry.ts";
import type { ArchiveFormat, UnpackPorts } from "./format.ts";
import { landing } from "./landing.ts";
import { recognise } from "./recognise.ts";
import { openSource } from "./source.ts";

/** At most ten reports a second. */
const reportEvery = 100;

/** Unpacks in this very thread, blocking it: meant for a worker. Syncs nothing. */
export async function unpackHere(request: UnpackRequest, onProgress: (bytes: number) => void): Promise<Unpacked> {
  const source = openSource(request.file, seldom(onProgress));
  const target = landing(request);
  try {
    const { format, demanded } = recognise(request, source.head);
    const used = await tryFormats(format, { request, source, landing: target, demanded });
    const landed = target.finish();
    onProgress(source.size);
    return { format: used.name, ...landed };
  } catch (error) {
    target.abandon();
    throw error;
  } finally {
    source.close();
  }
}

/** A compressed stream that holds no tar is a plain file as it is. */
async function tryFormats(format: ArchiveFormat, ports: UnpackPorts): Promise<ArchiveFormat> {
  if (await format.create({}, ports).unpack()) return format;
  const file = archives.find("file");
  if (file === undefined || !(await file.create({}, ports).unpack())) {
    throw failure("unexpected", { message: "a plain file could not be laid down" });
  }
  return file;
}

function seldom(report: (bytes: number) => void): (bytes: number) => void {
  let last = 0;
  return (bytes) => {
    const now = performance.now();
    if (now - last < reportEvery) return;
    last = now;
    report(bytes);
  };
}
