import {
  choice,
  count,
  duration,
  durationFrom,
  flag,
  mode,
  name,
  type Schema,
  size,
  text,
  texts,
} from "../domain/options.ts";
import { usualMaxJump } from "../domain/publishing/trust.ts";
import { defaultLimits } from "../domain/service.ts";

/** What the main file may hold beside its blocks. */
export const mainOptions = {
  service_path: text({
    summary: "Folder whose *.hcl files declare the services, read in the order of their names.",
    example: "/etc/dropship.d/services",
  }),
  state_path: text({
    summary: "Folder for the journal, downloads and the control socket; only the agent may enter it.",
    default: "/var/lib/dropship",
  }),
  host: text({
    summary: "This host's name in its fleet; no two hosts may have the same. Default: its hostname.",
    example: "web-1",
  }),
} satisfies Schema;

/** What a service may hold beside its blocks. */
export const serviceOptions = {
  checkInterval: durationFrom(10)({
    summary: "How often the repository is asked whether the artifact has changed.",
    default: 30_000,
    example: "10s",
  }),
  bake: duration({
    summary: "How long a healthy new release is watched before it counts as good.",
    default: 0,
    aliases: ["updateTTL"],
    example: "5m",
  }),
  updateDeadline: durationFrom(1000)({
    summary: "The longest that one whole update may take, from download to outcome.",
    default: 3_600_000,
    example: "1h",
  }),
  keepReleases: count(
    1,
    1000,
  )({
    summary: "How many good releases are kept on disk; the current one and the one to go back to are never removed.",
    default: 3,
  }),
  releases: text({
    summary: "Folder for the releases. Default: .dropship/<service> beside the destination.",
    example: "/srv/releases/web",
  }),
  layout: choice(["symlink", "in-place"])({
    summary:
      'How a release gets to its destination: "symlink" switches a link at once; "in-place" copies, for applications that cannot live behind a link.',
    default: "symlink",
  }),
  sequentialUpdates: flag({
    summary:
      "One host at a time: rollout { limit = 1 }. false: this service goes without the rollout of the main file.",
    default: false,
  }),
  hash: text({
    summary: "ETag of the content that already stands at the destination, so that it is not deployed once more.",
  }),
  preCommand: name({
    summary: "A command to run before everything else.",
    deprecated: 'write before "script" { command = "…" }',
  }),
  postCommand: name({
    summary: "A command to run after everything else.",
    deprecated: 'write after "script" { command = "…" }',
  }),
} satisfies Schema;

/** What every artifact block may hold, whatever its repository. */
export const artifactOptions = {
  destination: name({
    summary: "The path that the application runs from.",
    required: true,
    example: "/srv/web",
  }),
  "content-type": name({
    summary: "What the artifact is, where neither its bytes nor the repository tell.",
    example: "application/gzip",
  }),
  owner: name({ summary: "User that owns the unpacked files. Default: the agent's own.", example: "web" }),
  group: name({ summary: "Group that owns the unpacked files. Default: the agent's own.", example: "web" }),
  mode: mode({
    summary: "Mode of the unpacked files; folders can also be entered. Default: the archive's own, at most 0755.",
    example: "0644",
  }),
  maxUnpackedSize: size({
    summary: "An artifact that is larger than this, as it comes or unpacked, is refused.",
    default: defaultLimits.unpackedSize,
  }),
  maxEntries: count(
    1,
    10_000_000,
  )({ summary: "An archive with more entries is refused.", default: defaultLimits.entries }),
  maxDepth: count(1, 1000)({ summary: "An archive with deeper folders is refused.", default: defaultLimits.depth }),
  maxRatio: count(
    1,
    1_000_000,
  )({
    summary: "An archive that unpacks to more bytes for each packed byte is refused.",
    default: defaultLimits.ratio,
  }),
} satisfies Schema;

/** What makes an artifact block follow published releases instead of one object. */
export const followOptions = {
  channel: name({
    summary: 'Follow the release that this channel points at, both ways; "path" is then the folder of the application.',
    example: "stable",
  }),
  version: name({
    summary:
      'Follow this published version, or the highest within a range such as "~> 1.4"; "path" is then the folder of the application.',
    example: "~> 1.4",
  }),
  application: name({
    summary: "The name that the application was pushed under. Default: the name of the service.",
    example: "web",
  }),
} satisfies Schema;

/** What a trust block may hold, in a service and in the main file alike. */
export const trustOptions = {
  key: name({
    summary: 'A public key whose signature is believed, as "dropship keygen" prints it.',
    example: '"RWSgbv7MupTmTTrKs/qmmZ5TkdIC3fDterU+NtePpE3o/zKfqL6ohC3w"',
  }),
  keys: texts({
    summary: "Several of them: while a key is replaced, the old one and the new one.",
    example: '[file("/etc/dropship.d/old.pub"), file("/etc/dropship.d/new.pub")]',
  }),
  minSequence: count(
    0,
    Number.MAX_SAFE_INTEGER,
  )({ summary: "No channel or index with a lower sequence is taken: for hosts that begin with an empty state." }),
  maxAge: durationFrom(1000)({
    summary: "A channel or an index that was signed longer ago is not taken. Default: of any age.",
    example: "720h",
  }),
  maxJump: count(
    1,
    Number.MAX_SAFE_INTEGER,
  )({
    summary: "A sequence so far beyond the last known one, or further, is not believed.",
    default: usualMaxJump,
  }),
} satisfies Schema;

/** What every health block may hold, whatever its probe. */
export const healthOptions = {
  interval: durationFrom(10)({ summary: "Time between two probes.", default: 2000 }),
  timeout: durationFrom(10)({ summary: "The longest that one probe may take.", default: 5000 }),
  deadline: durationFrom(10)({ summary: "The longest that the service may take to become healthy.", default: 60_000 }),
  passes: count(1, 1000)({ summary: "Passes in a row that make the service healthy.", default: 2 }),
  failures: count(
    1,
    1000,
  )({
    summary: "Failures in a row, while the release is watched, that make the service unhealthy.",
    default: 3,
  }),
} satisfies Schema;

/** Which blocks stand where, for messages about unknown names. */
export const mainBlocks = ["service", "repo", "lock", "rollout", "trust", "rackspace"] as const;
export const serviceBlocks = [
  "artifact",
  "before",
  "after",
  "success",
  "failure",
  "health",
  "rollout",
  "trust",
] as const;
