import { lasting, passing } from "./entry.ts";

/** Of making an artifact of a folder or a file, before anything is published. */
export const packingFailures = {
  "source-missing": lasting<{ source: string }>(
    ({ source }) => `There is no folder or file ${source} to publish.`,
    () => "Check the path; a relative one begins in the folder that the command runs in.",
    "usage",
  ),
  "source-unfit": lasting<{ source: string; what: string }>(
    ({ source, what }) => `${source} cannot be published: it is ${what}.`,
    () => "Name a folder, which is packed, or a file, which is published as it is.",
    "usage",
  ),
  "source-empty": lasting<{ source: string; leftOut: number }>(
    ({ source, leftOut }) =>
      `There is nothing to publish in ${source}; ${leftOut} of its files and folders are left out.`,
    () => "Check the path and the lines of .dropshipignore.",
  ),
  "source-refused": lasting<{ source: string; problems: number; first: string }>(
    ({ source, problems, first }) =>
      `${problems} of the files and folders in ${source} cannot be published${problems === 1 ? "" : "; the first"}: ${first}`,
    () => "Correct each of them, or leave it out with a line in .dropshipignore; nothing was published.",
  ),
  "source-unreadable": lasting<{ path: string; reason: string }>(
    ({ path, reason }) => `${path} cannot be read: ${reason}.`,
    () => "Let the user that runs the command read it, or leave it out with a line in .dropshipignore.",
  ),
  "source-changed": passing<{ path: string; change: string }>(
    ({ path, change }) => `${path} ${change} while it was packed; nothing was published.`,
    () => "Publish when the build is over and nothing writes there any more, or leave out what keeps changing.",
  ),
  "ignore-file-unusable": lasting<{ path: string; reason: string }>(
    ({ path, reason }) => `The ignore file ${path} cannot be used: ${reason}.`,
    () => "Make it a text file in UTF-8 of at most 1 MiB, one pattern a line as in .gitignore, or remove it.",
  ),
  "scratch-full": passing<{ folder: string; reason: string }>(
    ({ folder, reason }) => `There is no room for the artifact in ${folder} (${reason}).`,
    () => "Free some space, or set TMPDIR to a folder that has room for it; nothing was published.",
  ),
  "scratch-unusable": lasting<{ folder: string; reason: string }>(
    ({ folder, reason }) => `The artifact cannot be put together in ${folder}: ${reason}.`,
    () => "Set TMPDIR to a folder that the user who runs the command may write.",
  ),
  "scratch-inside": lasting<{ folder: string; source: string }>(
    ({ folder, source }) => `The artifact would be put together in ${folder}, inside of ${source}, and so hold itself.`,
    () => "Set TMPDIR to a folder outside of what is published.",
  ),
};
