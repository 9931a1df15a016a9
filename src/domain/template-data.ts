import { formatDuration } from "./duration.ts";
import type { HookFacts } from "./hook-environment.ts";
import type { ServiceDeclaration } from "./service.ts";
import type { TemplateData } from "./template.ts";

/** What the fields of a hook's templates stand for; their list is `templateFields`. */
export function templateData(facts: HookFacts, service: ServiceDeclaration, hostname: string): TemplateData {
  const { release, previous } = facts;
  return {
    Name: facts.service,
    Hostname: hostname,
    Hash: release?.digest ?? "",
    CheckInterval: formatDuration(service.checkInterval),
    UpdateTTL: formatDuration(service.bake),
    Sequential: service.sequentialUpdates,
    Artifact: artifactData(service),
    Version: release?.version ?? "",
    PreviousHash: previous?.digest ?? "",
    PreviousVersion: previous?.version ?? "",
    Channel: "",
    Destination: facts.destination,
    Outcome: facts.outcome ?? "",
    Error: facts.error ?? "",
    Attempt: facts.attempt,
  };
}

/** The settings of the artifact block that are plain values. */
function artifactData({ artifact }: ServiceDeclaration): Readonly<Record<string, string>> {
  const settings = Object.entries(artifact.block.options).flatMap(([name, value]) =>
    ["string", "number", "boolean"].includes(typeof value) ? [[name, String(value)] as const] : [],
  );
  return {
    type: artifact.block.driver,
    ...Object.fromEntries(settings),
    destination: artifact.destination,
    "content-type": artifact.contentType ?? "",
  };
}
