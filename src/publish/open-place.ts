import { failure } from "../domain/failures/failure.ts";
import type { ServiceDeclaration } from "../domain/service.ts";
import type { ObjectFolder } from "../drivers/repositories/objects.ts";
import { repositories } from "../drivers/repositories/registry.ts";
import { readTarget, type Target } from "../drivers/repositories/target.ts";
import type { StorePorts } from "../drivers/stores/store.ts";

/**
 * Opens the place that a target names, "s3://bucket/web", with what the environment says of its store; or the one that a
 * service follows. Throws "target-invalid" (also where nothing can be written) or "target-environment".
 */
export function openPlace(at: string | ServiceDeclaration, ports: StorePorts): ObjectFolder {
  if (typeof at === "string") return openIn(readTarget(at, ports.environment), ports, at);
  const { name, repository, artifact } = at;
  const definition = repositories.find(repository.driver);
  // The configuration was judged when it was loaded.
  if (definition === undefined) throw new TypeError(repositories.unknown(repository.driver));
  const target = { definition, options: repository.options, artifact: artifact.block.options };
  return openIn(target, ports, `service "${name}"`);
}

function openIn({ definition, options, artifact }: Target, ports: StorePorts, shown: string): ObjectFolder {
  const folder = definition.objects?.(options, artifact, ports);
  if (folder !== undefined) return folder;
  const problem = `nothing can be published over ${definition.name}; name the store behind it`;
  throw failure("target-invalid", { target: shown, problem });
}
