import { asFailure, failure } from "../../domain/failures/failure.ts";
import type { Marker, Published } from "../../domain/release.ts";
import type { ArtifactBody, Repository } from "../../drivers/repositories/repository.ts";

/** The content that documents lead to. */
export interface PublishedContent {
  /** From byte `from` on. What it must be is known already: the download is checked against that, and not against the store. */
  open(marker: Marker, from: number, signal: AbortSignal): Promise<ArtifactBody>;
  close(): void;
}

/** An object with content, and what its store says of it. */
interface ContentObject {
  readonly key: string;
  readonly repository: Repository;
  stated: Marker | undefined;
}

export function publishedContent(objectAt: (key: string) => Repository): PublishedContent {
  let last: ContentObject | undefined;
  const objectOf = ({ key }: Published): ContentObject => {
    if (last?.key === key) return last;
    last?.repository.close();
    last = { key, repository: objectAt(key), stated: undefined };
    return last;
  };
  return {
    async open(marker, from, signal) {
      if (marker.published === undefined) throw new TypeError("Only what was published is opened here.");
      return await openObject(objectOf(marker.published), marker, from, signal);
    },
    close: () => last?.repository.close(),
  };
}

async function openObject(
  object: ContentObject,
  marker: Marker,
  from: number,
  signal: AbortSignal,
): Promise<ArtifactBody> {
  const { repository } = object;
  const { artifact } = repository;
  const stated = object.stated ?? (await statedOf(repository, signal));
  if (stated.size !== undefined && stated.size !== marker.size) {
    throw failure("artifact-not-as-published", {
      artifact,
      problem: `${stated.size} bytes instead of ${marker.size}`,
    });
  }
  object.stated = stated;
  try {
    const { chunks, from: at, framed } = await repository.open(stated, from, signal);
    const body = { from: at, chunks, marker, ...(framed !== undefined && { framed }) };
    return marker.size === undefined ? body : { ...body, total: marker.size };
  } catch (thrown) {
    // It was uploaded once more: the next try asks anew.
    if (asFailure(thrown).code === "artifact-changed") object.stated = undefined;
    throw thrown;
  }
}

async function statedOf(repository: Repository, signal: AbortSignal): Promise<Marker> {
  const answer = await repository.check(undefined, signal);
  if (answer.outcome === "found") return answer.marker;
  const reason = "it says that nothing changed, and was not told since when";
  throw failure("answer-malformed", { address: repository.artifact, reason });
}
