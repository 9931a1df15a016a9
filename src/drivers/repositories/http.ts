import { failure } from "../../domain/failures/failure.ts";
import { flag, name, url } from "../../domain/options.ts";
import { type Marker, sameMarker } from "../../domain/release.ts";
import type { HttpAnswer, HttpRequest } from "../../platform/ports.ts";
import { authoritiesIn } from "../authorities.ts";
import { contentOf, contentRequest, markerOfHead, refusalOf } from "./http-answer.ts";
import { checkedKey, keyBelow } from "./object-key.ts";
import {
  type ArtifactBody,
  type CheckAnswer,
  defineRepository,
  type Repository,
  type RepositoryPorts,
} from "./repository.ts";

/** A file on a web server: conditional requests and ranges as RFC 9110 has them. */
export const http = defineRepository({
  name: "http",
  summary: "A file on a web server, over http or https.",
  options: {
    url: url({
      summary: "The address that a relative path of the artifact is added to.",
      example: '"https://files.example.com/releases"',
    }),
    user: name({ summary: "User name for basic authentication.", secret: true }),
    password: name({ summary: "Password for basic authentication.", secret: true }),
    token: name({ summary: "Bearer token.", secret: true }),
    ca: name({
      summary: "A file with the certificates (PEM) of the authorities to trust instead of the built-in ones.",
      example: '"/etc/ssl/private-authority.pem"',
    }),
    insecure: flag({
      summary:
        "Allow credentials over plain http, where everybody on the way can read them and put another content in the place of yours.",
      default: false,
    }),
  },
  artifact: {
    url: url({ summary: "The whole address of the artifact.", example: '"https://files.example.com/web.tar.gz"' }),
    path: name({ summary: "Its path below the repo block's url.", example: '"web/web.tar.gz"' }),
  },
  create: (options, artifact, ports) => httpRepository(settingsOf(options, artifact), ports),
  below: ({ url: whole, path, ...artifact }, key) => ({
    ...artifact,
    path: path === undefined ? undefined : keyBelow(path, key),
    url: whole === undefined ? undefined : addressBelow(whole, key),
  }),
});

/** The query stays: it may be what lets a reader in. */
function addressBelow(address: string, key: string): string {
  const [, base = "", query = ""] = /^([^?#]*)(\?[^#]*)?/.exec(address) ?? [];
  const encoded = checkedKey(key).replaceAll("+", "%2B");
  return `${base.replace(/\/+$/, "")}/${encoded}${query}`;
}

interface Options {
  readonly url: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
  readonly ca: string | undefined;
  readonly insecure: boolean;
}

interface Settings {
  readonly url: string;
  /** Without the query, which may hold a signature. */
  readonly artifact: string;
  readonly authorization: string | undefined;
  readonly ca: string | undefined;
}

interface Artifact {
  readonly url: string | undefined;
  readonly path: string | undefined;
}

/** Throws "repository-misconfigured" for options that do not fit together. */
function settingsOf(options: Options, artifact: Artifact): Settings {
  const address = addressOf(options.url, artifact);
  const authorization = authorizationOf(options);
  if (authorization !== undefined && !options.insecure && /^http:/i.test(address)) {
    throw misconfigured(
      "credentials over plain http can be read by everybody on the way; use https, or say insecure = true",
    );
  }
  return { url: address, artifact: address.replace(/[?#].*/s, ""), authorization, ca: options.ca };
}

function addressOf(base: string | undefined, { url: whole, path }: Artifact): string {
  if ((whole === undefined) === (path === undefined)) {
    throw misconfigured("the artifact block needs either url or path");
  }
  if (whole !== undefined) {
    // the repo block's credentials belong to the repo block's server
    if (base !== undefined && URL.parse(base)?.origin !== URL.parse(whole)?.origin) {
      throw misconfigured("the artifact's url is on another server than the repo block's url");
    }
    return whole;
  }
  if (base === undefined) throw misconfigured("path needs the url of the repo block");
  const segments = (path ?? "").replace(/^\/+/, "").split("/").map(encodeURIComponent);
  if (segments.some((segment) => /^\.{1,2}$/.test(segment))) throw misconfigured('path must not hold "." or ".."');
  return `${base.replace(/\/+$/, "")}/${segments.join("/")}`;
}

function authorizationOf({ user, password, token }: Options): string | undefined {
  if (token !== undefined && (user !== undefined || password !== undefined)) {
    throw misconfigured("token and user/password exclude each other");
  }
  if (token !== undefined) return `Bearer ${token}`;
  if (user === undefined && password === undefined) return undefined;
  if (user === undefined || password === undefined) throw misconfigured("user and password belong together");
  return `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
}

function misconfigured(problem: string) {
  return failure("repository-misconfigured", { repository: "http", problem });
}

function httpRepository(settings: Settings, ports: RepositoryPorts): Repository {
  const { artifact, url: address } = settings;
  const authorities = authoritiesIn(settings.ca);
  /** Whether the server is known to answer HEAD as it answers GET. */
  let headWorks = true;

  const ask = async (method: "GET" | "HEAD", headers: HttpRequest["headers"], signal: AbortSignal) => {
    const trusted = await authorities.read();
    return ports.http.request({
      method,
      url: address,
      headers: { ...headers, ...(settings.authorization !== undefined && { authorization: settings.authorization }) },
      signal,
      ...(trusted !== undefined && { authorities: trusted }),
    });
  };

  const look = async (known: Marker | undefined, signal: AbortSignal): Promise<HttpAnswer> => {
    const conditions = conditionsOf(known);
    if (headWorks) {
      const answer = await ask("HEAD", conditions, signal);
      // 403: an address that is signed for GET alone
      if (![403, 405, 501].includes(answer.status)) return answer;
      answer.discard();
    }
    const answer = await ask("GET", conditions, signal);
    if (answer.status < 400) headWorks = false;
    return answer;
  };

  const open = async (marker: Marker, from: number, signal: AbortSignal): Promise<ArtifactBody> => {
    const answer = await ask("GET", contentRequest(marker, from), signal);
    if (answer.status === 200 || answer.status === 206) {
      return contentOf(artifact, answer, marker, markerOfHead(answer.headers));
    }
    answer.discard();
    // nothing from there on: what is there already is not a part of this content
    if (answer.status === 416 && from > 0) return open(marker, 0, signal);
    throw refusalOf(artifact, answer, ports.clock.wall());
  };

  return {
    artifact,
    async check(known, signal): Promise<CheckAnswer> {
      const answer = await look(known, signal);
      answer.discard();
      if (answer.status === 304 && known !== undefined) return { outcome: "unchanged" };
      if (answer.status !== 200) throw refusalOf(artifact, answer, ports.clock.wall());
      const marker = markerOfHead(answer.headers);
      // a length alone does not tell two contents apart: only the digest of a download does
      if (marker.etag === undefined && marker.lastModified === undefined) return { outcome: "found", marker };
      return sameMarker(known, marker) ? { outcome: "unchanged" } : { outcome: "found", marker };
    },
    open,
    close: () => undefined,
  };
}

function conditionsOf(known: Marker | undefined): Record<string, string> {
  if (known?.etag !== undefined) return { "if-none-match": known.etag };
  if (known?.lastModified !== undefined) return { "if-modified-since": known.lastModified };
  return {};
}
