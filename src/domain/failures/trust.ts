import { lasting, passing } from "./entry.ts";

/** `object` is where the document lies, as its repository calls it: "s3://artifacts/web/channels/stable". */
interface About {
  readonly object: string;
}

const leftAlone = "The running release was left alone.";
const replaced = "somebody who may write to the repository has put it there, or a mirror has damaged it";

/** Why a release, channel or index document is not believed, and why a key is not taken. */
export const trustFailures = {
  "document-too-large": lasting<About & { limit: number }>(
    ({ object, limit }) => `The document ${object} has more than the ${limit} bytes allowed; it was not looked into.`,
    () => `Publish again with "dropship push" or "dropship promote". ${leftAlone}`,
  ),
  "document-unsigned": lasting<About>(
    ({ object }) => `The document ${object} is not signed, and this service takes signed ones only.`,
    () =>
      `Publish again with a signing key; if it used to be signed, ${replaced}. Only without the trust block would unsigned ones be taken. ${leftAlone}`,
  ),
  "document-signature-unreadable": lasting<About & { problem: string }>(
    ({ object, problem }) => `The signature in ${object} cannot be read: ${problem}.`,
    () => `Publish again with "dropship push" or "dropship promote"; otherwise ${replaced}. ${leftAlone}`,
  ),
  "document-key-unknown": lasting<About & { key: string; trusted: string }>(
    ({ object, key, trusted }) =>
      `The document ${object} is signed with key ${key}, which this service does not trust (it trusts ${trusted}).`,
    () =>
      `If that key is yours, add its public half to trust { keys = [ … ] }; if not, find out who writes to the repository. ${leftAlone}`,
  ),
  "document-signature-wrong": lasting<About & { key: string }>(
    ({ object, key }) =>
      `The signature of key ${key} in ${object} does not fit what it says: it was altered or damaged.`,
    () => `Publish again, and find out who writes to the repository. ${leftAlone}`,
  ),
  "document-unreadable": lasting<About & { problem: string }>(
    ({ object, problem }) => `The document ${object} cannot be read: ${problem}.`,
    () =>
      `Upgrade this host if a newer version of Dropship wrote it; otherwise publish again with "dropship push" or "dropship promote". ${leftAlone}`,
  ),
  "document-misplaced": lasting<About & { expected: string; found: string }>(
    ({ object, expected, found }) => `The document ${object} speaks of ${found}, not of ${expected}.`,
    () =>
      `If the path of the artifact or the name of the application is wrong in the configuration, correct it; otherwise somebody has moved one document into the place of another. ${leftAlone}`,
  ),
  "document-older": passing<About & { sequence: number; floor: number }>(
    ({ object, sequence, floor }) =>
      `The document ${object} is an older one: it has sequence ${sequence}, but ${floor} is known already.`,
    () =>
      `A cache or mirror that lags behind mends itself; otherwise somebody has put an old document back. To go back on purpose, promote the older version again, with --sequence if the repository was begun anew. ${leftAlone}`,
  ),
  "document-forked": lasting<About & { sequence: number }>(
    ({ object, sequence }) =>
      `The document ${object} has sequence ${sequence}, but under that number this host has seen another one.`,
    () =>
      `Two wrote at the same time: promote the version that you want again, which gives it the next number. If nobody did, find out who has the signing key. ${leftAlone}`,
  ),
  "document-changed": lasting<About & { content: string; before: string }>(
    ({ object, content, before }) =>
      `The document ${object} names other content (SHA-256 ${content}) than this host has seen there (${before}): a version never changes.`,
    () =>
      `Push that content under a version of its own. If nobody of yours changed it, find out who writes to the repository. ${leftAlone}`,
  ),
  "document-jumped": lasting<About & { sequence: number; floor: number; allowed: number }>(
    ({ object, sequence, floor, allowed }) =>
      `The document ${object} has sequence ${sequence}, far beyond the last known one (${floor}); at most ${allowed} further is believed.`,
    () =>
      `Whoever wrote it has the signing key: make a new key, trust that one only, and publish anew. If you did it yourself, raise minSequence. ${leftAlone}`,
  ),
  "document-expired": lasting<About & { expired: string; now: string }>(
    ({ object, expired, now }) =>
      `The document ${object} expired at ${expired}; it is ${now} as far as this host can tell.`,
    () =>
      `Sign it anew with "dropship refresh", look whether something keeps newer ones from this host, and check its clock. ${leftAlone}`,
  ),
  "document-stale": lasting<About & { created: string; now: string; allowed: string }>(
    ({ object, created, now, allowed }) =>
      `The document ${object} was signed at ${created}, longer ago than the ${allowed} allowed by maxAge; it is ${now} as far as this host can tell.`,
    () =>
      `Sign it anew with "dropship refresh", look whether something keeps newer ones from this host, and check its clock. ${leftAlone}`,
  ),
  "public-key-unusable": lasting<{ key: string; problem: string }>(
    ({ key, problem }) => `The public key "${key}" cannot be trusted: ${problem}.`,
    () => 'Paste the second line of the file that "dropship keygen" or signify wrote; it begins with RW.',
    "config",
  ),
  "no-trusted-keys": lasting<object>(
    () => "There is a trust block without a single key: nothing could ever be accepted.",
    () => "Name at least one key, or take the trust block out to accept unsigned documents.",
    "config",
  ),
};
