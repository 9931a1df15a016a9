import { failure } from "../../../domain/failures/failure.ts";
import { type Marker, sameMarker } from "../../../domain/release.ts";
import type { HttpAnswer } from "../../../platform/ports.ts";
import { contentOf, contentRequest, markerOfHead, refusalOf } from "../http-answer.ts";
import type { ArtifactBody, CheckAnswer, Repository, RepositoryPorts } from "../repository.ts";
import type { Grant, Session } from "./session.ts";
import { withToken } from "./with-token.ts";

export interface ObjectSettings {
  /** The word of the repository, for the artifact's name. */
  readonly scheme: string;
  readonly container: string;
  readonly path: string;
  readonly session: Session;
  authorities(): Promise<string | undefined>;
  readonly ports: RepositoryPorts;
}

interface Settings extends ObjectSettings {
  readonly artifact: string;
  /** Path below the account's address. */
  readonly address: string;
  readonly containerAddress: string;
}

/** An object in OpenStack Swift (Object Storage API v1): one piece, or a large object of segments. */
export function objectRepository(given: ObjectSettings): Repository {
  // As in the original, "/key" is "key".
  const key = given.path.replace(/^\//, "");
  const containerAddress = `/${encodeURIComponent(given.container)}`;
  const settings: Settings = {
    ...given,
    artifact: `${given.scheme}://${given.container}/${key}`,
    containerAddress,
    address: `${containerAddress}/${key.split("/").map(encodeURIComponent).join("/")}`,
  };
  return {
    artifact: settings.artifact,
    async check(known, signal): Promise<CheckAnswer> {
      const conditions = known?.etag === undefined ? {} : { "if-none-match": known.etag };
      const answer = await ask(settings, "HEAD", settings.address, conditions, signal);
      answer.discard();
      if (answer.status === 304 && known !== undefined) return { outcome: "unchanged" };
      if (answer.status !== 200) throw await refusal(settings, answer, signal);
      const marker = markerOfObject(answer);
      return sameMarker(known, marker) ? { outcome: "unchanged" } : { outcome: "found", marker };
    },
    async open(marker, from, signal): Promise<ArtifactBody> {
      const answer = await ask(settings, "GET", settings.address, contentRequest(marker, from), signal);
      if (answer.status === 200 || answer.status === 206) {
        return contentOf(settings.artifact, answer, marker, markerOfObject(answer));
      }
      answer.discard();
      // Nothing from there on: what is there already is not a part of this content.
      if (answer.status === 416 && from > 0) return this.open(marker, 0, signal);
      throw await refusal(settings, answer, signal);
    },
    close: () => undefined,
  };
}

async function ask(
  settings: Settings,
  method: "GET" | "HEAD",
  address: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { session, ports } = settings;
  const send = async ({ storage, token }: Grant) => {
    const trusted = await settings.authorities();
    return ports.http.request({
      method,
      url: `${storage}${address}`,
      headers: { ...headers, "x-auth-token": token },
      signal,
      storedEncoding: true,
      ...(trusted !== undefined && { authorities: trusted }),
    });
  };
  return withToken(session, signal, send, (answer) => {
    if (answer.status !== 401) return false;
    answer.discard();
    ports.logger.log("info", "the token was renewed", { artifact: settings.artifact });
    return true;
  });
}

/** The answer for a missing object and for a missing container is the same: the container is asked for then. */
async function refusal(settings: Settings, answer: HttpAnswer, signal: AbortSignal) {
  const meant = refusalOf(settings.artifact, answer, settings.ports.clock.wall());
  if (answer.status !== 404) return meant;
  const container = await ask(settings, "HEAD", settings.containerAddress, {}, signal);
  container.discard();
  return container.status === 404 ? failure("bucket-missing", { bucket: settings.container }) : meant;
}

/**
 * The ETag of an object in one piece is the MD5 of its content, without quotes. That of a large object (static or dynamic) is
 * an MD5 of its segments' ETags, in quotes: a token like any other. It states nothing of the content.
 */
function markerOfObject({ headers }: HttpAnswer): Marker {
  const large = headers["x-static-large-object"] !== undefined || headers["x-object-manifest"] !== undefined;
  const md5 = large ? undefined : /^[0-9a-f]{32}$/.exec(headers["etag"] ?? "")?.[0];
  return { ...markerOfHead(headers), ...(md5 !== undefined && { md5 }) };
}
