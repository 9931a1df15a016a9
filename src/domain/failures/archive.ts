import { lasting, passing } from "./entry.ts";

/** `entry` is the name in the archive, already escaped for a terminal; `offset` counts bytes of the unpacked stream (of the file itself for zip). */
interface Place {
  readonly entry: string;
  readonly offset: number;
  readonly rule: string;
}

const at = ({ entry, offset }: Place) => `archive entry "${entry}" (byte ${offset})`;
const buildAgain =
  "Build the artifact again with a stock tar or zip and upload it; the running release was left alone.";

export const archiveFailures = {
  "archive-malformed": lasting<Place>(
    (details) => `The ${at(details)} breaks the rules of its format: ${details.rule}.`,
    () => buildAgain,
  ),
  "archive-corrupt": lasting<{ format: string; reason: string }>(
    ({ format, reason }) => `The ${format} data of the artifact is damaged: ${reason}.`,
    () => `${buildAgain} A cut upload is the usual cause.`,
  ),
  "archive-unsafe-path": lasting<Place>(
    (details) => `The name of ${at(details)} is not allowed: ${details.rule}.`,
    () => "Build the artifact with plain relative names, e.g. tar -C FOLDER -cf app.tar .",
  ),
  "archive-unsafe-link": lasting<Place & { target: string }>(
    (details) => `The link to "${details.target}" in ${at(details)} is not allowed: ${details.rule}.`,
    () => "Use relative links that stay inside the archive, or create the link in an after hook.",
  ),
  "archive-forbidden-entry": lasting<Place>(
    (details) => `The ${at(details)} may not be unpacked: ${details.rule}.`,
    () => "Pack regular files, folders and symbolic links only (tar --hard-dereference turns hard links into files).",
  ),
  "archive-collision": lasting<Place & { other: string }>(
    (details) => `The ${at(details)} collides with "${details.other}": ${details.rule}.`,
    () => "Give each entry a name of its own that also differs when case and accents are ignored.",
  ),
  "archive-too-large": lasting<Place & { allowed: number }>(
    (details) => `The ${at(details)} exceeds a limit: ${details.rule} (allowed ${details.allowed}).`,
    () => "If the artifact is right, raise that limit in the limits block of the artifact.",
  ),
  "archive-bomb": lasting<{ unpacked: number; packed: number; allowed: number }>(
    ({ unpacked, packed, allowed }) =>
      `The artifact of ${packed} bytes unpacks to more than ${unpacked} bytes, over ${allowed} times its size.`,
    () => "If the artifact is right, raise ratio in the limits block of the artifact.",
  ),
  "archive-unexpected-format": lasting<{ contentType: string; expected: string; found: string }>(
    ({ contentType, expected, found }) =>
      `The configured content-type ${contentType} means ${expected}, but the artifact looks like ${found}.`,
    () => "Remove content-type from the artifact block to trust the bytes, or upload what it says.",
  ),
  "archive-needs-memory": lasting<{ format: string; allowed: number }>(
    ({ format, allowed }) => `Unpacking this ${format} data would need a window of more than ${allowed} bytes.`,
    () => "Pack with a smaller window: zstd --long=27 or less, xz -9 or less.",
  ),
  "archive-unreadable": passing<{ path: string; reason: string }>(
    ({ path, reason }) => `The downloaded artifact ${path} cannot be read: ${reason}.`,
    () => "Check the disk that holds the state folder; the artifact is fetched again at the next try.",
  ),
  "archive-disk-full": passing<{ path: string; reason: string }>(
    ({ path, reason }) => `The disk is full: ${path} could not be written (${reason}).`,
    () => "Free space or inodes, or lower keepReleases; nothing was switched.",
  ),
  "archive-no-descriptors": passing<{ path: string; reason: string }>(
    ({ path, reason }) => `No file descriptor was left to write ${path} (${reason}).`,
    () => "Raise the limit of open files of the agent (LimitNOFILE in its unit) or of the system (fs.file-max).",
  ),
  "archive-write-failed": passing<{ path: string; reason: string }>(
    ({ path, reason }) => `${path} could not be written safely: ${reason}.`,
    () => "Check the disk and its file system (dmesg, read-only mount, quota, rights); nothing was switched.",
  ),
  "archive-unpacker-died": passing<{ reason: string }>(
    ({ reason }) => `The thread that unpacks the artifact ended early: ${reason}.`,
    () => "Check the memory of the host; if it happens again with this artifact, please report it.",
  ),
};
