import { asFailure } from "../../domain/failures/failure.ts";
import { type Marker, type Release, releaseId, sameMarker } from "../../domain/release.ts";
import { stopping } from "../limits.ts";
import type { Step } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import { postponedByStop, preparationFailed } from "./preparing.ts";
import { refuseWithoutSpace } from "./space.ts";
import { deniedHere, standsAlready } from "./verifying.ts";

/** Downloads the artifact, unless a release of the very same upload is on disk already. */
export function fetching(ports: UpdatePorts): Step<"fetching"> {
  return async (update, signal) => {
    if (stopping(signal)) return postponedByStop;
    try {
      const marker = wanted(update.marker);
      const kept = (await ports.releases.list()).find((release) => isOf(release, marker));
      if (kept) {
        const judged = deniedHere(ports, kept) === undefined && !(await standsAlready(ports, kept));
        return { outcome: judged ? "kept" : "fetched", learned: { target: kept, kept: true } };
      }
      await refuseWithoutSpace(ports, marker);
      const target = await download(ports, marker, signal);
      return { outcome: "fetched", learned: { target, marker: target.marker } };
    } catch (thrown) {
      const changed = asFailure(thrown).code === "artifact-changed";
      if (changed && !signal.aborted) return { outcome: "superseded", learned: { outcome: "superseded" } };
      return preparationFailed(thrown, signal);
    }
  };
}

/** What was published is known by its content and its version, whichever way led to it. */
function isOf(release: Release, marker: Marker): boolean {
  const { published, sha256, size } = marker;
  if (published === undefined) return sameMarker(release.marker, marker);
  return release.digest === sha256 && release.size === size && release.version === published.version;
}

async function download(ports: UpdatePorts, marker: Marker, signal: AbortSignal): Promise<Release> {
  const { service, notify } = ports;
  const downloaded = await ports.download(ports.repository, {
    marker,
    file: ports.downloads.file,
    limit: service.artifact.limits.unpackedSize,
    signal,
    onProgress: (done, total) =>
      notify({
        type: "progress",
        service: service.name,
        progress: { state: "fetching", done, ...(total !== undefined && { total }) },
      }),
  });
  const version = marker.published?.version;
  return {
    id: releaseId(downloaded.digest, version),
    ...(version !== undefined && { version }),
    digest: downloaded.digest,
    size: downloaded.size,
    marker: downloaded.marker,
    stagedAt: ports.clock.wall(),
  };
}

function wanted(marker: Marker | undefined): Marker {
  if (marker === undefined) throw new TypeError("An update from a repository begins with what the repository said.");
  return marker;
}
