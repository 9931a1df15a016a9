import { lasting, passing } from "./entry.ts";

/** What publishing refuses. */
export const publishingFailures = {
  "version-invalid": lasting<{ version: string; problem: string }>(
    ({ version, problem }) => `"${version}" is not a version: ${problem}.`,
    () => "Write one to four numbers, and if need be what comes before or beside them: 1.4.2, 2026.11.25, 1.5.0-rc.1.",
    "usage",
  ),
  "range-invalid": lasting<{ range: string; problem: string }>(
    ({ range, problem }) => `"${range}" is not a range of versions: ${problem}.`,
    () => 'Write "~> 1.4" (1.4 and what follows, below 2), or bounds with commas between them: ">= 1.2, < 2".',
    "usage",
  ),
  "range-unmet": lasting<{ range: string; object: string }>(
    ({ range, object }) => `No version in ${object} is within "${range}".`,
    () =>
      'See "dropship versions"; those that were yanked do not count, nor do pre-releases that the range does not name.',
  ),
  "channel-name-invalid": lasting<{ channel: string }>(
    ({ channel }) => `"${channel}" cannot be the name of a channel.`,
    () => "Use letters, digits, and between them dots, hyphens and underscores; at most 64.",
    "usage",
  ),
  "version-taken": lasting<{ version: string; service: string; digest: string; by: string; at: string }>(
    ({ version, service, digest, by, at }) =>
      `Version ${version} of "${service}" is there already with other content (SHA-256 ${digest}, pushed by ${by} at ${at}).`,
    () => "A version never changes: push this content under the next one.",
  ),
  "version-unknown": lasting<{ version: string; service: string }>(
    ({ version, service }) => `There is no version ${version} of "${service}".`,
    () => '"dropship versions" lists those there are; a push that was cut off is finished by the same push again.',
    "usage",
  ),
  "version-yanked": lasting<{ version: string; service: string; by: string; reason: string }>(
    ({ version, service, by, reason }) => `Version ${version} of "${service}" was yanked by ${by}: ${reason}.`,
    () => "Promote another version, or push the content again under a new one if it is good after all.",
  ),
  "version-in-channel": lasting<{ version: string; service: string; channels: string }>(
    ({ version, service, channels }) =>
      `Version ${version} of "${service}" cannot be yanked while a channel points at it (${channels}).`,
    () => 'Let "dropship promote" point the channel at another version first; the hosts follow it.',
  ),
  "channel-at-yanked": lasting<{ channel: string; version: string; service: string; by: string; reason: string }>(
    ({ channel, version, service, by, reason }) =>
      `Channel ${channel} of "${service}" points at ${version}, which was yanked by ${by} at the same moment: ${reason}.`,
    () => 'Let "dropship promote" point the channel at another version now; until then hosts take this one.',
  ),
  "channel-without-content": lasting<{ channel: string; version: string; service: string; object: string }>(
    ({ channel, version, service, object }) =>
      `Channel ${channel} of "${service}" points at ${version}, whose content at ${object} was removed at the same moment.`,
    () =>
      "Push the same content under the same version again, or promote another version; until then hosts keep what they run.",
  ),
  "release-not-as-listed": lasting<{ object: string; version: string; listed: string; found: string }>(
    ({ object, version, listed, found }) =>
      `The index lists version ${version} with SHA-256 ${listed}, but ${object} names ${found}.`,
    () => "Find out who writes to the repository: a version never changes. The running release was left alone.",
  ),
  "nothing-published": lasting<{ place: string; service: string }>(
    ({ place, service }) => `Nothing of "${service}" is published in ${place}.`,
    () => 'Check the target and the name of the service; "dropship push" publishes the first version.',
    "usage",
  ),
  "content-missing": lasting<{ object: string; version: string }>(
    ({ object, version }) => `The content of version ${version} is not at ${object} as it was pushed.`,
    () => "Push the same content under the same version again, which brings it back.",
  ),
  "publication-busy": passing<{ object: string; tries: number }>(
    ({ object, tries }) => `Others changed ${object} first, ${tries} times in a row.`,
    () => "Run the same command again a little later: it goes on where it stopped.",
    "not-now",
  ),
  "publication-stopped": passing<{ command: string }>(
    ({ command }) => `"${command}" was stopped before it had come to its end.`,
    () => "Run the same command again: it goes on where it stopped, and hosts follow nothing that is half done.",
    "interrupted",
  ),
  "target-missing": lasting<{ command: string; service: string }>(
    ({ command, service }) =>
      `"${command}" needs to know where the releases of "${service}" are: no target was named, and the configuration has no service that follows them.`,
    () => "Name the place at the end of the command: s3://BUCKET/PATH, swift://CONTAINER/PATH or file:FOLDER.",
    "usage",
  ),
  "key-file-there": lasting<{ path: string }>(
    ({ path }) => `The file ${path} is there already; no key is ever overwritten.`,
    () => "Choose another name with --out, or move the old key away, once no host trusts it any more.",
    "usage",
  ),
  "key-file-unusable": lasting<{ path: string; reason: string }>(
    ({ path, reason }) => `The key file ${path} cannot be used: ${reason}.`,
    () => "Check the path and the permissions of the file.",
    "usage",
  ),
  "passphrases-differ": lasting<object>(
    () => "The two passphrases are not the same; no key was made.",
    () => "Run the command again.",
    "usage",
  ),
  "new-passphrase-missing": lasting<object>(
    () => "There is no passphrase for the new key, and no terminal to ask for one.",
    () => "Set DROPSHIP_SIGNING_PASSPHRASE, or say --no-passphrase where the key is kept in a store of secrets.",
    "usage",
  ),
  "standing-key-unknown": lasting<{ object: string; key: string; trusted: string }>(
    ({ object, key, trusted }) =>
      `The document ${object} is signed with key ${key}, and not with ${trusted}: nothing is built upon it.`,
    () =>
      "Publish with that key; while one key replaces another, name the public half of the old one with --trust. If the key is nobody's here, find out who writes to the repository.",
  ),
  "standing-unsigned": lasting<{ object: string }>(
    ({ object }) => `The document ${object} is not signed: nothing that is signed is built upon it.`,
    () =>
      "If nobody signed here so far, look at it and sign what is there: dropship refresh --adopt. Otherwise find out who writes to the repository.",
  ),
  "signing-key-needed": lasting<{ object: string }>(
    ({ object }) => `The document ${object} is signed, and there is no key to sign what is to take its place.`,
    () => "Give the key with --key or DROPSHIP_SIGNING_KEY; hosts that trust it would refuse an unsigned one.",
    "usage",
  ),
  "document-unwritable": lasting<{ object: string; problem: string }>(
    ({ object, problem }) => `The document ${object} was not written, for no host could read it: ${problem}.`,
    () => "Correct what the sentence names; nothing was changed.",
    "usage",
  ),
  "document-full": lasting<{ object: string; bytes: number; limit: number }>(
    ({ object, bytes, limit }) => `The document ${object} would have ${bytes} bytes, more than the ${limit} allowed.`,
    () => 'Remove old versions with "dropship prune --keep N", or shorten the notes; nothing was changed.',
  ),
  "sequence-used-up": lasting<{ object: string; sequence: number }>(
    ({ object, sequence }) => `The document ${object} has sequence ${sequence}, after which there is no number left.`,
    () =>
      "Nobody publishes so often: somebody else has the signing key. Make a new one, trust that one only, remove the object and publish again.",
  ),
  "signing-key-unreadable": lasting<{ place: string; problem: string }>(
    ({ place, problem }) => `The signing key in ${place} cannot be used: ${problem}.`,
    () => 'Give the file that "dropship keygen" wrote, or one that "signify-openbsd -G -n" made.',
    "usage",
  ),
  "signing-passphrase-missing": lasting<{ place: string }>(
    ({ place }) => `The signing key in ${place} is encrypted, and there is no passphrase.`,
    () => "Set DROPSHIP_SIGNING_PASSPHRASE, or run the command in a terminal, where it asks.",
    "usage",
  ),
  "signing-passphrase-empty": lasting<object>(
    () => "A signing key cannot be encrypted with an empty passphrase.",
    () => "Give one that nobody can guess, or say that the key is to stay unencrypted.",
    "usage",
  ),
  "signing-passphrase-wrong": lasting<{ place: string }>(
    ({ place }) => `The signing key in ${place} does not open with this passphrase.`,
    () => "Give the passphrase it was made with; if that is right, the file is damaged: take it from a backup.",
    "usage",
  ),
};
