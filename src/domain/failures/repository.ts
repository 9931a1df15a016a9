import { lasting, passing } from "./entry.ts";

/** What an HTTP exchange may end with; `address` is scheme, host and path, never user, password or query. */
const exchangeFailures = {
  "address-invalid": lasting<{ address: string; reason: string }>(
    ({ address, reason }) => `${address} cannot be asked: ${reason}.`,
    () => "Correct the address in the configuration.",
    "config",
  ),
  "connection-failed": passing<{ address: string; reason: string }>(
    ({ address, reason }) => `No connection to ${address}: ${reason}.`,
    () => "Check the address, the name server and the firewall between this host and the server; Dropship tries again.",
    "unreachable",
  ),
  "connection-cut": passing<{ address: string; got: number; expected: string }>(
    ({ address, got, expected }) => `The answer of ${address} broke off after ${got} bytes${expected}.`,
    () => "Dropship continues where it broke off; when it happens again, look at the server or at a proxy before it.",
    "unreachable",
  ),
  "timed-out": passing<{ address: string; stage: string; after: string }>(
    ({ address, stage, after }) => `${address} did not answer in time: ${stage} took longer than ${after}.`,
    () => "Check that the server is up and that no firewall drops packets silently; Dropship tries again.",
    "unreachable",
  ),
  "tls-refused": lasting<{ address: string; reason: string }>(
    ({ address, reason }) => `The certificate of ${address} was refused: ${reason}.`,
    () => "Correct the server's certificate, or name the authority that signed it where the address is configured.",
    "unreachable",
  ),
  "answer-malformed": passing<{ address: string; reason: string }>(
    ({ address, reason }) => `${address} sent something that is not a proper HTTP answer: ${reason}.`,
    () => "Check that the address is that of an HTTP server and that no proxy alters its answers.",
    "unreachable",
  ),
  "answer-encoded": lasting<{ address: string; encoding: string }>(
    ({ address, encoding }) => `${address} sent an encoded body (${encoding}) though none was asked for.`,
    () => "Switch compression off for this address at the server: the content must come as it was uploaded.",
    "unreachable",
  ),
  "answer-too-long": lasting<{ address: string; limit: number }>(
    ({ address, limit }) => `The answer of ${address} is longer than ${limit} bytes.`,
    () => "Check that the address is the right one.",
    "unreachable",
  ),
};

/** What stores of objects and their credentials may end with. */
const storeFailures = {
  "credentials-missing": lasting<Record<never, never>>(
    () =>
      "No AWS credentials were found: not in the environment, the shared files, the container's or the instance's role.",
    () => "Give accessKey and secret in the repo block, or set up one of those for the agent's user.",
    "unreachable",
  ),
  "credentials-unavailable": passing<{ reason: string }>(
    ({ reason }) => `The AWS credentials could not be fetched (${reason}).`,
    () => "Check the profile, process or role that the agent's user has; the AWS command line shows the same trouble.",
    "unreachable",
  ),
  "credentials-rejected": passing<{ artifact: string; code: string }>(
    ({ artifact, code }) => `The store rejects the credentials for ${artifact} (${code}).`,
    () => "Compare access key, secret and token with those of the store; they may have been rotated.",
    "unreachable",
  ),
  "region-wrong": lasting<{ bucket: string; region: string; right: string }>(
    ({ bucket, region, right }) => `The bucket ${bucket} is in the region ${right}, not in ${region}.`,
    ({ right }) => `Write region = "${right}" into the repo block (and its endpoint, if one is given).`,
    "config",
  ),
  "clock-skewed": lasting<{ artifact: string; skew: string }>(
    ({ artifact, skew }) => `The store refuses requests for ${artifact}: this host's clock is ${skew} the store's.`,
    () => 'Set the clock ("timedatectl" tells whether it is synchronised); signatures are valid for 15 minutes only.',
    "unreachable",
  ),
  "bucket-missing": passing<{ bucket: string }>(
    ({ bucket }) => `There is no bucket ${bucket} in this store.`,
    () => "Correct the bucket of the artifact block, or the endpoint and region of the repo block.",
    "unreachable",
  ),
  "identity-rejected": passing<{ address: string; status: number }>(
    ({ address, status }) => `The identity service ${address} rejects the credentials (answer ${status}).`,
    () =>
      "Compare user, key, project and domains of the repo block with those of the cloud; they may have been changed.",
    "unreachable",
  ),
  "identity-refused": lasting<{ address: string; status: number }>(
    ({ address, status }) => `The identity service ${address} did not accept the request (answer ${status}).`,
    () => "Check authUrl and authVersion of the repo block: the service may speak another version.",
    "config",
  ),
  "endpoint-missing": lasting<{ interface: string; region: string; regions: string }>(
    ({ interface: kind, region, regions }) =>
      `The cloud has no ${kind} address of an object store${region}; regions that have one: ${regions}.`,
    () =>
      "Correct region or interface in the repo block; no region at all means that the user or project may not use the store.",
    "config",
  ),
  "artifact-archived": lasting<{ artifact: string }>(
    ({ artifact }) => `${artifact} is in an archive class of the store and cannot be read at once.`,
    () => "Restore it, or upload it again with a class for immediate reading.",
    "unreachable",
  ),
};

export const repositoryFailures = {
  ...exchangeFailures,
  ...storeFailures,
  "artifact-missing": passing<{ artifact: string }>(
    ({ artifact }) => `${artifact} does not exist in its repository.`,
    () => "Upload it, or correct the bucket and path; what runs now is left alone.",
    "unreachable",
  ),
  "access-denied": passing<{ artifact: string; status: number }>(
    ({ artifact, status }) => `The repository refuses access to ${artifact} (answer ${status}).`,
    () =>
      "Check the credentials of the repo block and what they may read; S3 answers so for a missing object too, where listing is not allowed.",
    "unreachable",
  ),
  "artifact-changed": passing<{ artifact: string }>(
    ({ artifact }) => `${artifact} was replaced while it was being fetched.`,
    () => "Nothing to do: the new content is fetched at the next check.",
    "unreachable",
  ),
  "artifact-not-a-file": lasting<{ artifact: string; kind: string }>(
    ({ artifact, kind }) => `${artifact} is ${kind}, not a file.`,
    () => "Pack a folder into an archive (tar, zip) and follow that; it is unpacked again at the destination.",
    "unreachable",
  ),
  "artifact-unreadable": passing<{ artifact: string; reason: string }>(
    ({ artifact, reason }) => `${artifact} cannot be read: ${reason}.`,
    () =>
      "Let the user that runs the agent read the file and enter the folders above it; for EIO and ESTALE look at the disk or mount.",
    "unreachable",
  ),
  "artifact-link-untrusted": lasting<{ artifact: string; link: string; user: number }>(
    ({ artifact, link, user }) =>
      `${artifact} is reached by the link ${link} of user ${user}, but is not that user's file: root does not read it for him.`,
    () => "Put the file itself there, or let root make the link.",
    "unreachable",
  ),
  "store-busy": passing<{ artifact: string; status: number }>(
    ({ artifact, status }) => `The repository cannot serve ${artifact} at the moment (answer ${status}).`,
    () => "Look at the store if it lasts; Dropship waits as long as it is asked to and tries again.",
    "unreachable",
  ),
  "store-redirects": lasting<{ artifact: string; status: number; location: string }>(
    ({ artifact, status, location }) =>
      `The repository sends requests for ${artifact} elsewhere (answer ${status} to ${location}).`,
    () => "Write the final address into the configuration: credentials are never carried to another one.",
    "unreachable",
  ),
  "store-refused": lasting<{ artifact: string; status: number; reason: string }>(
    ({ artifact, status, reason }) =>
      `The repository did not accept the request for ${artifact} (answer ${status}${reason}).`,
    () => "Compare the repo and artifact blocks with what the store expects.",
    "unreachable",
  ),
  "download-too-slow": passing<{ artifact: string; pace: string }>(
    ({ artifact, pace }) => `The download of ${artifact} is too slow: ${pace}.`,
    () => "Check the network between this host and the store; what came so far is kept and continued.",
    "unreachable",
  ),
  "download-too-long": lasting<{ artifact: string; limit: string }>(
    ({ artifact, limit }) => `${artifact} is larger than the ${limit} that are allowed.`,
    () => "Check what was uploaded, or raise the limit of the artifact block.",
  ),
  "download-damaged": passing<{ artifact: string; problem: string }>(
    ({ artifact, problem }) => `The content of ${artifact} is not what its store states: ${problem}.`,
    () => "Upload it again; if it comes back, look at the store and at proxies before it. Nothing of it was used.",
  ),
  "artifact-not-as-published": passing<{ artifact: string; problem: string }>(
    ({ artifact, problem }) => `The content of ${artifact} is not what its release document says: ${problem}.`,
    () =>
      "Remove that object and push the version again; if nobody of yours changed it, find out who writes to the repository. Nothing of it was used.",
    "unreachable",
  ),
  "download-length-unknown": lasting<{ artifact: string }>(
    ({ artifact }) =>
      `The server says neither how long ${artifact} is nor any digest of it, so a part could pass for the whole.`,
    () => "Let the server send Content-Length (a static file server does), or put the artifact into another store.",
    "unreachable",
  ),
  "repository-misconfigured": lasting<{ repository: string; problem: string }>(
    ({ repository, problem }) => `The ${repository} repository cannot be used as configured: ${problem}.`,
    ({ repository }) =>
      `Correct the repo and artifact blocks; "dropship explain repo ${repository}" shows what they take.`,
    "config",
  ),
  "authority-unreadable": lasting<{ path: string; reason: string }>(
    ({ path, reason }) => `The authorities' certificates in ${path} cannot be read: ${reason}.`,
    () => "Give the path of a file in PEM that the agent's user may read.",
    "config",
  ),
  "client-certificate-unreadable": lasting<{ path: string; reason: string }>(
    ({ path, reason }) => `The certificate or key that this host shows, ${path}, cannot be used: ${reason}.`,
    () => "Give both cert and key, each the path of a file in PEM that the agent's user may read.",
    "config",
  ),
  "client-certificate-refused": lasting<{ address: string; reason: string }>(
    ({ address, reason }) => `${address} did not take the certificate that this host showed, or wants one: ${reason}.`,
    () =>
      "Set cert and key to a certificate for clients that an authority of the server signed and that has not expired.",
    "unreachable",
  ),
};
