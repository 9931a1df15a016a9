import { lasting, passing } from "./entry.ts";

export const updateFailures = {
  "update-failed": passing<{ service: string }>(
    ({ service }) => `The update of service "${service}" failed.`,
    ({ service }) => `See "dropship logs ${service}" for what was observed.`,
  ),
  "rollback-failed": lasting<{ service: string }>(
    ({ service }) => `Service "${service}" could not be brought back to its previous release.`,
    ({ service }) =>
      `Look at "dropship logs ${service}" and at the service itself; then say "dropship rollback ${service}" or "dropship retry ${service}".`,
    "rolled-back",
  ),
  "left-by-operator": lasting<{ release: string }>(
    ({ release }) => `Release ${release} was left by hand.`,
    () => 'Upload another one, or say "dropship retry" to take it up again.',
  ),
};
