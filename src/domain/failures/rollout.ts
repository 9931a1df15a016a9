import { shellWord } from "../shell-word.ts";
import { lasting, passing } from "./entry.ts";

/** Of stores in which hosts meet, and of what a rollout refuses. */
export const rolloutFailures = {
  "rollout-store-unfit": lasting<{ place: string; check: string; observed: string }>(
    ({ place, check, observed }) =>
      `Hosts cannot be coordinated through ${place}: it failed the check "${check}" (${observed}).`,
    () =>
      'Name another store (lock "consul", "etcd" or "redis"), or take sequentialUpdates or rollout out of the service; "dropship doctor" runs the checks again.',
    "config",
  ),
  "rollout-store-refused": lasting<{ place: string; doing: string; answer: string }>(
    ({ place, doing, answer }) => `The store ${place} refused to ${doing}: ${answer}.`,
    () => 'Check its credentials and what they may do; "dropship doctor" tries each right.',
    "unreachable",
  ),
  "rollout-store-incapable": lasting<{ place: string; answer: string }>(
    ({ place, answer }) => `The store ${place} cannot change a value on a condition: ${answer}.`,
    () => 'Name another store: lock "consul", "etcd" or "redis".',
    "config",
  ),
  "rollout-bucket-forbidden": lasting<{ place: string; doing: string; bucket: string; prefix: string }>(
    ({ place, doing }) => `The keys of this host may not ${doing} in ${place}.`,
    ({ bucket, prefix }) =>
      `Allow them s3:GetObject, s3:PutObject and s3:DeleteObject on ${bucket}/${prefix}*, and s3:ListBucket on ${bucket}; "dropship doctor" tries each right.`,
    "unreachable",
  ),
  "rollout-store-unanswered": passing<{ place: string; doing: string; problem: string }>(
    ({ place, doing, problem }) => `The store ${place} did not answer when asked to ${doing}: ${problem}.`,
    () => "Nothing to do if it comes back: it is asked again; no host switches meanwhile.",
    "unreachable",
  ),
  "rollout-store-busy": passing<{ place: string; answer: string }>(
    ({ place, answer }) => `The store ${place} asks for patience: ${answer}.`,
    () => "Nothing to do: it is asked again later.",
    "unreachable",
  ),
  "rollout-store-nonsense": lasting<{ place: string; key: string; problem: string }>(
    ({ place, key, problem }) => `The store ${place} answered nonsense for "${key}": ${problem}.`,
    () => "Look at what is stored there and at what stands between this host and the store.",
    "unreachable",
  ),
  "rollout-folder-unusable": passing<{ place: string; doing: string; reason: string }>(
    ({ place, doing, reason }) => `The folder ${place} did not let this host ${doing}: ${reason}.`,
    () =>
      "Let the user that runs the agent read, write and list it and all that is in it, and see that its mount is there and not read-only.",
    "unreachable",
  ),
  "rollout-folder-full": passing<{ place: string; doing: string; reason: string }>(
    ({ place, doing, reason }) => `There is no room in the folder ${place} to ${doing}: ${reason}.`,
    () => "Make room on its file system; no host switches meanwhile.",
    "unreachable",
  ),
  "rollout-folder-untrusted": lasting<{ path: string; problem: string }>(
    ({ path, problem }) => `Hosts do not meet in ${path}: ${problem}.`,
    () =>
      "It has to be a folder, not a link, that belongs to the agent's user or to the owner of the folder above, and that not everybody may write to; remove it to have it made anew.",
    "config",
  ),
  "record-unreadable": lasting<{ place: string; problem: string }>(
    ({ place, problem }) => `The rollout record in ${place} cannot be read: ${problem}.`,
    () =>
      'If a newer version of Dropship wrote it, upgrade this host; if it was damaged, restore it, or say "dropship rollout retry" with its service to begin a new one.',
  ),
  "report-unreadable": lasting<{ place: string; problem: string }>(
    ({ place, problem }) => `A host's report in ${place} cannot be read: ${problem}.`,
    () =>
      "Upgrade this host if a newer version of Dropship wrote it; otherwise it mends itself with the host's next report.",
  ),
  "record-vanished": lasting<{ place: string; floor: number; seen: string }>(
    ({ place, floor, seen }) =>
      `The rollout record in ${place} went back: this host saw number ${floor}, and now there is ${seen}.`,
    () =>
      'Find out who removed or restored it. When no host is in the middle of an update, "dropship rollout retry" with the service begins a new one.',
  ),
  "record-full": lasting<{ place: string; bytes: number; allowed: number }>(
    ({ place, bytes, allowed }) =>
      `The rollout record in ${place} would grow to ${bytes} bytes, more than the ${allowed} allowed.`,
    () => "Split the fleet with rollout { group = … }, or lower the limit.",
  ),
  "fence-refused": passing<{ service: string; reason: string }>(
    ({ service, reason }) => `Service "${service}" was not switched, for its rollout forbids it: ${reason}`,
    ({ service }) => `See "dropship rollout ${service}"; the update goes on by itself when the rollout does.`,
    "not-now",
  ),
  "rollout-missing": lasting<{ service: string; place: string }>(
    ({ service, place }) => `There is no rollout of service "${service}" in ${place} yet.`,
    () => "It begins with the first upload that a host with this configuration sees.",
  ),
  "rollout-host-unknown": lasting<{ service: string; host: string; hint: string }>(
    ({ service, host, hint }) => `The rollout of service "${service}" knows no host "${host}"${hint || "."}`,
    ({ service }) => `"dropship rollout ${service} --all" lists the hosts that it knows.`,
    "usage",
  ),
  "rollout-host-nowhere": lasting<{ host: string; services: string; hint: string }>(
    ({ host, services, hint }) => `No rollout knows a host "${host}" (asked: ${services})${hint || "."}`,
    () => '"dropship rollout SERVICE --all" lists the hosts of a rollout.',
    "usage",
  ),
  "rollout-host-alive": passing<{ service: string; target: string; host: string }>(
    ({ service, host }) =>
      `Host "${host}" gives signs of life: it is in the middle of an update of service "${service}".`,
    ({ target, host }) =>
      `Wait for its outcome. "dropship rollout forget ${target} ${shellWord(host)} --force" frees its slot all the same: then it may be down beside its successor, and more hosts than the limit at a time.`,
    "not-now",
  ),
  "limit-unfit": lasting<{ given: string; highest: number }>(
    ({ given, highest }) => `The limit of a rollout is a whole number of hosts from 1 to ${highest}, not "${given}".`,
    () => 'Write it like this: dropship rollout limit web 3; a share such as "25%" stands in the configuration only.',
    "usage",
  ),
  "nobody-reported": lasting<{ service: string; place: string }>(
    ({ service, place }) => `No host of service "${service}" has reported in ${place} yet.`,
    () => "A host reports when its agent runs with this configuration; dropship doctor on it tries the store.",
  ),
  "digest-unfit": lasting<{ given: string }>(
    ({ given }) => `A digest has 64 hexadecimal digits, not "${given}".`,
    () => "sha256sum tells that of a file.",
    "usage",
  ),
  "nothing-coordinated": lasting<{ file: string }>(
    ({ file }) => `No service of ${file} is coordinated with other hosts.`,
    () => "Give one sequentialUpdates = true, or a rollout block.",
    "usage",
  ),
  "rollout-halted": lasting<{ service: string }>(
    ({ service }) => `The rollout of service "${service}" is halted already: there is nothing to pause.`,
    ({ service }) => `It stays so until an upload that mends it, or "dropship rollout resume ${service}".`,
  ),
  "not-coordinated": lasting<{ service: string }>(
    ({ service }) => `Service "${service}" is not coordinated with other hosts.`,
    () => "Give it sequentialUpdates = true, or a rollout block.",
    "usage",
  ),
};
