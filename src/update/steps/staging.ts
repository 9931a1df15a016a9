import { stopping } from "../limits.ts";
import type { Step } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import { postponedByStop, preparationFailed } from "./preparing.ts";
import { targetOf } from "./verifying.ts";

/** Makes the download a release on disk, beside those that are there. */
export function staging(ports: UpdatePorts): Step<"staging"> {
  return async (update, signal) => {
    if (stopping(signal)) return postponedByStop;
    try {
      const wanted = targetOf(update);
      const kept = (await ports.releases.list()).find(({ id }) => id === wanted.id);
      if (kept) return { outcome: "staged", learned: { target: { ...wanted, stagedAt: kept.stagedAt } } };
      const release = { ...wanted, stagedAt: ports.clock.wall() };
      await ports.releases.stage({ ...requestOf(ports), release, signal });
      return { outcome: "staged", learned: { target: release } };
    } catch (thrown) {
      return preparationFailed(thrown, signal);
    }

    function requestOf({ service: { name, artifact }, downloads, notify }: UpdatePorts) {
      const { published, contentType: stated } = update.target?.marker ?? {};
      // What was published says what it is: neither the bytes nor the configuration do.
      const contentType = published ? stated : (artifact.contentType ?? stated);
      return {
        file: downloads.file,
        fileName: artifact.destination.split("/").findLast((part) => part !== "") ?? name,
        contentTypeOverrules: published !== undefined || artifact.contentType !== undefined,
        limits: artifact.limits,
        onProgress: (done: number) => notify({ type: "progress", service: name, progress: { state: "staging", done } }),
        ...(published !== undefined && { modified: Math.floor(published.created / 1000) }),
        ...(contentType !== undefined && { contentType }),
        ...(artifact.owner !== undefined && { owner: artifact.owner }),
        ...(artifact.group !== undefined && { group: artifact.group }),
        ...(artifact.mode !== undefined && { mode: artifact.mode }),
      };
    }
  };
}
