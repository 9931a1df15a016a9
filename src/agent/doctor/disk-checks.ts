import { constants } from "node:fs";
import { access, lstat, readlink, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { releasesFolder, type ServiceDeclaration } from "../../domain/service.ts";
import { formatSize } from "../../domain/size.ts";
import type { Files } from "../../platform/ports.ts";
import { movableProblem } from "../state-folder.ts";
import { type Check, failed, ok, type Verdict, warning } from "./finding.ts";

/** A hung network file system must not hold the others up. */
const patience = 10_000;

/** The folder that holds the journal, the downloads and the control socket. */
export function stateChecks(statePath: string, files: Pick<Files, "space">): readonly Check[] {
  return [
    { name: "state folder", deadline: patience, run: () => judgeStateFolder(statePath) },
    { name: "state folder: free space", deadline: patience, run: () => judgeSpace(statePath, files) },
  ];
}

/** Where the releases of a service go, and from where they are run. */
export function placeChecks(service: ServiceDeclaration, files: Pick<Files, "space">): readonly Check[] {
  const { name } = service;
  const releases = releasesFolder(service);
  return [
    { name: "destination", service: name, deadline: patience, run: () => judgeDestination(service) },
    { name: "releases folder", service: name, deadline: patience, run: () => judgeReleases(service, releases) },
    { name: "releases folder: free space", service: name, deadline: patience, run: () => judgeSpace(releases, files) },
  ];
}

async function judgeStateFolder(path: string): Promise<Verdict> {
  const found = await lstat(path).catch(unlessMissing);
  if (found === undefined) return await judgeMissing(path, "The state folder", "the agent makes it when it starts");
  if (found.isSymbolicLink())
    return failed(`The state folder ${path} is a symbolic link.`, "Name the folder itself as state_path.");
  if (!found.isDirectory())
    return failed(`The state folder ${path} is no folder.`, "Move away what is there, or name another state_path.");
  const us = process.geteuid?.() ?? 0;
  if (found.uid !== us)
    return failed(
      `The state folder ${path} belongs to user ${found.uid}; this is user ${us}.`,
      "Run this, and the agent, as its owner (sudo), or give the folder to who runs the agent.",
    );
  const movable = us === 0 ? movableProblem(path) : undefined;
  if (movable !== undefined)
    return failed(
      `The state folder ${path} could be put aside by others: ${movable}.`,
      "Take that right away, or move the state folder.",
    );
  if (!(await isWritable(path)))
    return failed(
      `Nothing can be written to the state folder ${path}.`,
      "See whether its file system is mounted read-only.",
    );
  const mode = found.mode & 0o777;
  if ((mode & 0o077) !== 0)
    return warning(
      `Others than its owner may enter the state folder ${path} (mode ${mode.toString(8)}).`,
      `The agent closes it when it starts; at once: chmod 700 ${path}`,
    );
  return ok(`The state folder ${path} is there, for user ${us} alone.`);
}

async function judgeMissing(path: string, what: string, then: string): Promise<Verdict> {
  const above = await nearest(dirname(path));
  if (!(await isWritable(above)))
    return failed(
      `${what} ${path} does not exist, and cannot be made in ${above}.`,
      `Run this as who runs the agent (sudo), or make it: mkdir -p ${path}`,
    );
  return ok(`${what} ${path} does not exist yet; ${then}.`);
}

/** Less than this fails the next journal entry or download, or nearly so. */
const tooLittle = { bytes: 64 * 1024 ** 2, inodes: 1000 };
const little = { bytes: 1024 ** 3, inodes: 20_000 };

async function judgeSpace(path: string, files: Pick<Files, "space">): Promise<Verdict> {
  const place = await nearest(path);
  const { bytes, inodes } = await files.space(place);
  const shown = `${formatSize(bytes)} and ${Number.isFinite(inodes) ? `${inodes} inodes` : "as many inodes as are wanted"}`;
  const sentence = `The file system of ${path} has ${shown} free.`;
  const remedy = "Make room there; keepReleases says how many old releases are kept.";
  if (bytes < tooLittle.bytes || inodes < tooLittle.inodes) return failed(sentence, remedy);
  if (bytes < little.bytes || inodes < little.inodes) return warning(sentence, remedy);
  return ok(sentence);
}

async function judgeDestination(service: ServiceDeclaration): Promise<Verdict> {
  const { destination } = service.artifact;
  const parent = dirname(destination);
  const above = await stat(parent).catch(unlessMissing);
  if (above === undefined)
    return await judgeMissing(destination, "The folder above the destination", "the first update makes it");
  if (!above.isDirectory())
    return failed(
      `${parent}, above the destination, is no folder.`,
      "Move away what is there, or name another destination.",
    );
  if (!(await isWritable(parent)))
    return failed(
      `Nothing can be switched in ${parent}: it cannot be written by this user.`,
      "Run this as who runs the agent (sudo); see whether the file system is mounted read-only.",
    );
  const found = await lstat(destination).catch(unlessMissing);
  if (found === undefined) return ok(`Nothing stands at ${destination} yet.`);
  if (found.isSymbolicLink()) return ok(`${destination} leads to ${await readlink(destination)}.`);
  if (service.layout === "symlink" && found.dev !== above.dev)
    return failed(
      `${destination} is a mount point, which no link can replace.`,
      'Name a folder in it as the destination, or set layout = "in-place".',
    );
  return ok(
    service.layout === "symlink"
      ? `What stands at ${destination} is adopted by the first update.`
      : `${destination} is there.`,
  );
}

async function judgeReleases(service: ServiceDeclaration, releases: string): Promise<Verdict> {
  const place = await nearest(releases);
  if (!(await stat(place)).isDirectory())
    return failed(
      `${place}, above the releases folder, is no folder.`,
      "Move away what is there, or set releases to another folder.",
    );
  if (!(await isWritable(place)))
    return failed(
      `Nothing can be written to ${place}, where the releases are to be.`,
      "Run this as who runs the agent (sudo); see whether the file system is mounted read-only.",
    );
  const beside = await nearest(dirname(service.artifact.destination));
  const apart = (await stat(place)).dev !== (await stat(beside)).dev;
  if (apart && service.layout === "symlink")
    return warning(
      `The releases folder ${releases} and the destination are on two file systems.`,
      "It works as long as both are mounted; what stands at the destination now is copied when it is adopted.",
    );
  return ok(
    place === releases
      ? `The releases folder ${releases} can be written.`
      : `The releases folder ${releases} can be made in ${place}.`,
  );
}

/** The path, or what is nearest above it. */
async function nearest(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    if ((await stat(at).catch(unlessMissing)) !== undefined || at === dirname(at)) return at;
  }
}

async function isWritable(folder: string): Promise<boolean> {
  return await access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

function unlessMissing(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code === "ENOENT" || thrown.code === "ENOTDIR") return undefined;
  throw thrown;
}
