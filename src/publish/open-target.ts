import type { ObjectFolder } from "../drivers/repositories/objects.ts";
import { readTarget } from "../drivers/repositories/target.ts";
import type { StorePorts } from "../drivers/stores/store.ts";

/**
 * Opens the place that a target names, "s3://bucket/web", with what the environment says of its store. Throws
 * "target-invalid" or "target-environment".
 */
export function openTarget(target: string, ports: StorePorts): ObjectFolder {
  const { definition, options, artifact } = readTarget(target, ports.environment);
  const folder = definition.objects?.(options, artifact, ports);
  // A target is there where objects are.
  if (folder === undefined) throw new TypeError(`nothing can be published with "${definition.name}"`);
  return folder;
}
