import { formatDuration } from "./duration.ts";
import type { FailureNote } from "./failures/failure.ts";
import type { Release } from "./release.ts";
import type { HookStage, ServiceDeclaration } from "./service.ts";
import type { TemplateData } from "./template.ts";

/** What a hook or a script probe is told about the update that it is run for. */
export interface HookFacts {
  readonly service: ServiceDeclaration;
  readonly hostname: string;
  readonly stage: HookStage | "health";
  /** Whether the update goes back to the release before. */
  readonly rollback: boolean;
  /** Counts the attempts at this content. */
  readonly attempt: number;
  /** The id of this update. */
  readonly update?: string | undefined;
  /** The release that is to run when this part of the update is over. */
  readonly release?: Release | undefined;
  /** The one that it takes the place of. */
  readonly previous?: Release | undefined;
  /** How the update ended, as far as it did. */
  readonly outcome?: string | undefined;
  readonly failure?: FailureNote | undefined;
}

/**
 * The DROPSHIP_… variables. All of them are always there, empty when there is nothing to say, so that a script under
 * `set -u` can use them. Every value is one line: what a store or a server said cannot smuggle a second one in.
 */
export function hookEnvironment(facts: HookFacts): Readonly<Record<string, string>> {
  const values = {
    DROPSHIP_SERVICE: facts.service.name,
    DROPSHIP_DESTINATION: facts.service.artifact.destination,
    DROPSHIP_STAGE: facts.stage,
    DROPSHIP_ROLLBACK: facts.rollback ? "1" : "",
    DROPSHIP_ATTEMPT: String(facts.attempt),
    DROPSHIP_UPDATE: facts.update,
    DROPSHIP_RELEASE: facts.release?.id,
    DROPSHIP_HASH: facts.release?.digest,
    DROPSHIP_VERSION: facts.release?.version,
    DROPSHIP_PREVIOUS_RELEASE: facts.previous?.id,
    DROPSHIP_PREVIOUS_HASH: facts.previous?.digest,
    DROPSHIP_PREVIOUS_VERSION: facts.previous?.version,
    DROPSHIP_OUTCOME: facts.outcome,
    DROPSHIP_ERROR: facts.failure?.sentence,
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, oneLine(value ?? "")]));
}

/** What `{{.Name}}` and the other fields of a template stand for. */
export function templateData(facts: HookFacts): TemplateData {
  const { service, hostname, attempt, release, previous, outcome, failure } = facts;
  return {
    Name: service.name,
    Hostname: hostname,
    Hash: release?.digest ?? "",
    Version: release?.version ?? "",
    PreviousHash: previous?.digest ?? "",
    PreviousVersion: previous?.version ?? "",
    Channel: channelOf(service),
    CheckInterval: formatDuration(service.checkInterval),
    UpdateTTL: formatDuration(service.bake),
    Sequential: service.sequentialUpdates,
    Artifact: artifactData(service.artifact),
    Destination: service.artifact.destination,
    Outcome: outcome ?? "",
    Error: failure?.sentence ?? "",
    Attempt: attempt,
  };
}

function channelOf({ artifact: { follows } }: ServiceDeclaration): string {
  return follows !== undefined && "channel" in follows.wanted ? follows.wanted.channel : "";
}

/** What the artifact block says beside the settings of its repository. */
function followData(follows: ServiceDeclaration["artifact"]["follows"]): Record<string, string> {
  if (follows === undefined) return {};
  const { application, wanted } = follows;
  if ("channel" in wanted) return { application, channel: wanted.channel };
  return { application, version: "exact" in wanted ? wanted.exact.text : wanted.range.text };
}

/** The settings of the artifact block that are one word or number. */
function artifactData({
  block,
  follows,
  destination,
  contentType,
}: ServiceDeclaration["artifact"]): Record<string, string> {
  const plain = Object.entries(block.options).filter(([, value]) => typeof value !== "object" && value !== undefined);
  return {
    ...Object.fromEntries(plain.map(([key, value]) => [key, String(value)])),
    ...followData(follows),
    destination,
    ...(contentType !== undefined && { "content-type": contentType }),
  };
}

/** The system takes at most 128 KiB for one variable; no sentence of ours needs more than this. */
const longest = 4096;

/** NUL cannot be passed at all; line ends and other control characters become blanks. */
function oneLine(value: string): string {
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ").slice(0, longest);
}
