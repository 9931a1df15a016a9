import type { Marker } from "../domain/release.ts";
import type { Repository } from "../drivers/repositories/repository.ts";

/**
 * The same repository, whose markers say which artifact they are of. When the configuration points a service at another
 * artifact, nothing that is remembered of the one before is taken for an answer about it.
 */
export function ownMarkers(repository: Repository): Repository {
  const { artifact } = repository;
  const isOurs = (marker: Marker) => marker.artifact === undefined || marker.artifact === artifact;
  return {
    artifact,
    async check(known, signal) {
      const answer = await repository.check(known && isOurs(known) ? known : undefined, signal);
      return answer.outcome === "unchanged" ? answer : { ...answer, marker: { ...answer.marker, artifact } };
    },
    async open(marker, from, signal) {
      const body = await repository.open(marker, from, signal);
      return { ...body, marker: { ...body.marker, artifact } };
    },
    close: () => repository.close(),
  };
}
