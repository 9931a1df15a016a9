import { lasting, passing } from "./entry.ts";

/** Of places that releases are published to, and of uploads. */
export const objectFailures = {
  "target-invalid": lasting<{ target: string; problem: string }>(
    ({ target, problem }) => `"${target}" is no place to publish to: ${problem}.`,
    () => "Write s3://BUCKET/PATH, swift://CONTAINER/PATH or file:FOLDER, the path being where the agents look.",
    "usage",
  ),
  "target-environment": lasting<{ target: string; problem: string }>(
    ({ target, problem }) => `${target} cannot be reached with what the environment says: ${problem}.`,
    () =>
      "Set the variables that the store's own command line reads, or run this where the configuration has a repo block for it.",
    "usage",
  ),
  "object-store-unanswered": passing<{ place: string; doing: string; problem: string }>(
    ({ place, doing, problem }) => `The store ${place} did not answer when asked to ${doing}: ${problem}.`,
    () => "Check the network and the store, and run the same command again: it goes on where it stopped.",
    "unreachable",
  ),
  "object-store-busy": passing<{ place: string; answer: string }>(
    ({ place, answer }) => `The store ${place} asks for patience: ${answer}.`,
    () => "Run the same command again a little later: it goes on where it stopped.",
    "unreachable",
  ),
  "object-store-refused": lasting<{ place: string; doing: string; answer: string }>(
    ({ place, doing, answer }) => `The store ${place} refused to ${doing}: ${answer}.`,
    () => "Compare target, credentials and the limits of the store with what this needs.",
    "unreachable",
  ),
  "object-store-incapable": lasting<{ place: string; answer: string }>(
    ({ place, answer }) => `The store ${place} cannot change an object on a condition: ${answer}.`,
    () =>
      "Publish to another store, or upgrade this one: without it one of two who publish at a time could undo the other.",
    "config",
  ),
  "object-store-full": lasting<{ place: string; doing: string; answer: string }>(
    ({ place, doing, answer }) => `There is no room in ${place} to ${doing}: ${answer}.`,
    () =>
      'Raise the quota or the limit, or make room, for instance with "dropship prune"; then run the same command again.',
    "unreachable",
  ),
  "object-bucket-forbidden": lasting<{ place: string; doing: string; bucket: string; prefix: string }>(
    ({ place, doing }) => `The keys may not ${doing} in ${place}.`,
    ({ bucket, prefix }) =>
      `Allow them s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListMultipartUploadParts on ${bucket}/${prefix}*, and s3:ListBucket and s3:ListBucketMultipartUploads on ${bucket}.`,
    "unreachable",
  ),
  "object-container-forbidden": lasting<{ place: string; doing: string; container: string }>(
    ({ place, doing }) => `The user may not ${doing} in ${place}.`,
    ({ container }) =>
      `Give the user read and write rights on the container ${container} (its access lists, or a role).`,
    "unreachable",
  ),
  "object-store-nonsense": lasting<{ place: string; key: string; problem: string }>(
    ({ place, key, problem }) => `The store ${place} answered nonsense for "${key}": ${problem}.`,
    () => "Check that the target is the right one, and what stands between this machine and the store.",
    "unreachable",
  ),
  "object-folder-unusable": lasting<{ place: string; doing: string; reason: string }>(
    ({ place, doing, reason }) => `The folder ${place} did not let this command ${doing}: ${reason}.`,
    () =>
      "Make the folder above it, let your user read and write there, and see that its mount is there and not read-only.",
    "unreachable",
  ),
  "object-folder-full": lasting<{ place: string; doing: string; reason: string }>(
    ({ place, doing, reason }) => `There is no room in the folder ${place} to ${doing}: ${reason}.`,
    () => 'Make room on its file system, for instance with "dropship prune", and run the same command again.',
    "unreachable",
  ),
  "object-folder-untrusted": lasting<{ path: string; problem: string }>(
    ({ path, problem }) => `Nothing is published in ${path}: ${problem}.`,
    () => "It has to be a folder, not a link or a file; move away what is in its place.",
    "config",
  ),
  "upload-damaged": passing<{ object: string; problem: string }>(
    ({ object, problem }) => `What the store has at ${object} is not what was sent: ${problem}.`,
    () =>
      "Run the same command again; if it comes back, look at the store and at proxies before it. Nothing follows it.",
    "unreachable",
  ),
  "upload-source-changed": lasting<{ file: string; problem: string }>(
    ({ file, problem }) => `${file} changed while it was uploaded: ${problem}.`,
    () => "Run the same command again when nobody writes to it; nothing was published.",
  ),
};
