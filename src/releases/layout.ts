import { basename, dirname, join, relative, resolve } from "node:path";
import { releasesFolder, type ServiceDeclaration } from "../domain/service.ts";
import type { Files } from "../platform/ports.ts";
import type { ReleaseRecord } from "./release-record.ts";
import type { ReleasePlace } from "./release-store.ts";

/** Where the releases of a service stand: beside its destination, or where the config says. */
export function releasePlace(service: ServiceDeclaration): ReleasePlace {
  // A slash at the end would make the system look behind the link.
  const destination = resolve(service.artifact.destination);
  return {
    service: service.name,
    destination,
    releases: resolve(releasesFolder(service)),
    layout: service.layout,
  };
}

/** Names inside a releases folder that start with a dot are ours and never a release. */
export const names = {
  record: (id: string) => `${id}.json`,
  staging: (id: string) => `.staging-${id}`,
  doomed: (id: string) => `.doomed-${id}`,
  move: ".move.json",
  mark: ".standing.json",
} as const;

/** The paths beside the destination that a switch uses for an instant. */
export function besideDestination(place: ReleasePlace): { readonly incoming: string; readonly outgoing: string } {
  const stem = join(dirname(place.destination), `.${basename(place.destination)}.dropship`);
  return { incoming: `${stem}-new`, outgoing: `${stem}-old` };
}

/** What the destination links to for this release. */
export function slot(place: ReleasePlace, record: ReleaseRecord): string {
  const folder = join(place.releases, record.release.id);
  return record.content.kind === "file" ? join(folder, record.content.name) : folder;
}

/**
 * The text of a link at the destination. Relative where the releases stand below the destination's folder, so that the
 * folder can be moved, mounted elsewhere or looked at from a container.
 */
export async function linkTo(files: Files, place: ReleasePlace, path: string): Promise<string> {
  const parent = await files.realPath(dirname(place.destination));
  const releases = await files.realPath(place.releases);
  const target = join(releases, relative(place.releases, path));
  return releases.startsWith(`${parent === "/" ? "" : parent}/`) ? relative(parent, target) : target;
}

/** The path below the releases folder that a link at the destination leads to; undefined for a foreign one. */
export async function linkedPath(files: Files, place: ReleasePlace, text: string): Promise<string | undefined> {
  const parent = await files.realPath(dirname(place.destination));
  const releases = (await files.look(place.releases)) ? await files.realPath(place.releases) : place.releases;
  const below = relative(releases, resolve(parent, text));
  return below === "" || below.startsWith(".") || below.startsWith("/") ? undefined : below;
}
