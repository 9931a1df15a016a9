import { lasting, passing } from "./entry.ts";

/** Failures of the releases on this host's disks. */
export const releaseFailures = {
  "disk-full": passing<{ path: string }>(
    ({ path }) => `There is no space left for ${path}: its file system is out of bytes or inodes.`,
    () =>
      'Free some space ("df -h" and "df -i" tell which), or lower keepReleases; it is tried again at the next check.',
  ),
  "quota-used-up": passing<{ path: string }>(
    ({ path }) => `The disk quota does not allow to write ${path}.`,
    () => "Raise the quota of the agent's user or free some space; it is tried again at the next check.",
  ),
  "disk-error": passing<{ path: string; operation: string }>(
    ({ path, operation }) => `The disk reported an error (EIO at ${operation}) for ${path}.`,
    () => 'Look at the kernel\'s log ("dmesg") and check the disk; nothing that may be damaged was put to use.',
  ),
  "disk-silent": passing<{ path: string; after: number }>(
    ({ path, after }) => `The file system of ${path} did not answer within ${after} s.`,
    () => 'Look at what is mounted there (a network disk whose server is gone?) and at the kernel\'s log ("dmesg").',
  ),
  "disk-read-only": passing<{ path: string }>(
    ({ path }) => `${path} is on a file system that is mounted read-only.`,
    () => 'Find out why (the kernel\'s log: "dmesg"), then mount it writable again.',
  ),
  "too-many-open-files": passing<{ path: string }>(
    ({ path }) => `No more files could be opened (at ${path}).`,
    () => "Raise the limit of open files (LimitNOFILE= of the unit, or fs.file-max of the machine).",
  ),
  "disk-access-denied": lasting<{ path: string; operation: string }>(
    ({ path, operation }) => `The agent may not ${operation} ${path}.`,
    () => "Run the agent as root, or give its user the right to; look for an immutable flag (lsattr) as well.",
  ),
  "disk-refused": lasting<{ path: string; operation: string; error: string }>(
    ({ path, operation, error }) => `The file system refused to ${operation} ${path}: ${error}.`,
    () => "Look at the path and the kernel's log; nothing that may be damaged was put to use.",
  ),
  "other-file-system": lasting<{ destination: string; releases: string }>(
    ({ destination, releases }) =>
      `${destination} is on another file system than its releases folder ${releases}, so it cannot be moved there in one step.`,
    () => 'Set "releases" of the service to a folder on the file system of the destination.',
  ),
  "destination-mounted": lasting<{ destination: string }>(
    ({ destination }) => `${destination} is a mount point, which cannot be replaced.`,
    () => "Choose a destination inside of it, or unmount it.",
  ),
  "destination-taken": lasting<{ destination: string; what: string }>(
    ({ destination, what }) => `${destination} is a ${what} that Dropship did not put there; it was left alone.`,
    ({ destination }) => `Move ${destination} away, or let the next update adopt it as a release.`,
  ),
  "nothing-to-adopt": lasting<{ destination: string }>(
    ({ destination }) => `There is nothing at ${destination} to adopt.`,
    () => "Deploy a release instead.",
  ),
  "not-adoptable": lasting<{ path: string }>(
    ({ path }) => `${path} is neither a file nor a folder nor a link, so it cannot become a release.`,
    () => "Remove the socket, pipe or device, or choose another destination.",
  ),
  "release-missing": lasting<{ id: string; releases: string }>(
    ({ id, releases }) => `There is no whole release "${id}" in ${releases}.`,
    () => 'Choose one of those that "dropship releases" lists.',
  ),
  "release-in-use": lasting<{ id: string; destination: string }>(
    ({ id, destination }) => `The release "${id}" stands at ${destination} and cannot be removed.`,
    () => "Switch to another release first.",
  ),
  "release-record-newer": lasting<{ path: string; format: number }>(
    ({ path, format }) => `${path} was written by a newer Dropship (format ${format}).`,
    () => "Install that version again, or remove the release by hand.",
  ),
  "releases-folder-unsafe": lasting<{ path: string; reason: string }>(
    ({ path, reason }) => `The folder ${path} cannot hold releases: ${reason}.`,
    ({ path }) =>
      `Make it a folder that only the agent's user may write, for example "chown root ${path}" and "chmod 755 ${path}".`,
  ),
  "artifact-name-unusable": lasting<{ name: string }>(
    ({ name }) => `"${name}" cannot be the name of a file.`,
    () => "Correct the path of the artifact: it must end with the name of a file.",
  ),
  "owner-unknown": lasting<{ kind: string; name: string }>(
    ({ kind, name }) => `This machine has no ${kind} "${name}".`,
    () => "Create it, or correct owner and group of the artifact.",
    "config",
  ),
  "owner-needs-root": lasting<{ name: string }>(
    ({ name }) => `Only root may give files to "${name}".`,
    () => "Run the agent as root, or leave owner and group out.",
    "config",
  ),
};
