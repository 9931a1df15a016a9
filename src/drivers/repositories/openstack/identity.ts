import type { Milliseconds } from "../../../domain/duration.ts";
import { failure } from "../../../domain/failures/failure.ts";
import type { HttpAnswer, HttpRequest } from "../../../platform/ports.ts";
import { isPassingStatus, refusalOf } from "../http-answer.ts";
import type { RepositoryPorts } from "../repository.ts";
import { type Endpoint, endpointFor, type Wanted } from "./catalog.ts";
import type { Grant } from "./session.ts";

/** What OpenStack's identity services are asked, and how their answers are read. */
export interface Identity {
  /** With its version, without a slash at its end. */
  readonly address: string;
  /** PEM text of the authorities to trust instead of the built-in ones. */
  authorities(): Promise<string | undefined>;
  readonly ports: Pick<RepositoryPorts, "http" | "clock">;
}

/** Of an answer; catalogues of large clouds have some hundred endpoints. */
const answerLimit = 4 * 1024 * 1024;

/** Authentication v1, as Swift's tempauth and many gateways have it: one GET, all in headers. */
export async function authenticateV1(identity: Identity, user: string, key: string): Promise<Grant> {
  const headers = { "x-auth-user": user, "x-auth-key": key };
  const answer = await ask(identity, { method: "GET", url: identity.address, headers });
  answer.discard();
  const token = answer.headers["x-auth-token"] ?? answer.headers["x-storage-token"];
  const storage = answer.headers["x-storage-url"];
  if (token === undefined || storage === undefined) throw malformed(identity, "it sent no token or no storage address");
  const seconds = /^\d{1,10}$/.exec(answer.headers["x-auth-token-expires"] ?? "")?.[0];
  return { token, storage: trimmed(storage), ...(seconds !== undefined && { life: Number(seconds) * 1000 }) };
}

/** Keystone v2: `POST <address>/tokens`. `credentials`: what stands in "auth". */
export async function authenticateV2(identity: Identity, credentials: object, wanted: Wanted): Promise<Grant> {
  const answer = await post(identity, `${identity.address}/tokens`, { auth: credentials });
  const { access } = (await readJson(identity, answer)) as { access?: AccessV2 };
  const token = access?.token?.id;
  if (typeof token !== "string") throw malformed(identity, "it sent no token");
  const preferred = access?.user?.["RAX-AUTH:defaultRegion"];
  const endpoints = (access?.serviceCatalog ?? [])
    .filter(({ type }) => type === "object-store")
    .flatMap((service) => service.endpoints ?? [])
    .flatMap(({ region, publicURL, internalURL, adminURL }): Endpoint[] => [
      { region, interface: "public", url: publicURL },
      { region, interface: "internal", url: internalURL },
      { region, interface: "admin", url: adminURL },
    ]);
  const { issued_at: issued, expires } = access?.token ?? {};
  return {
    token,
    storage: trimmed(endpointFor(endpoints, { ...wanted, preferred })),
    ...lifeOf(identity, answer, issued, expires),
  };
}

/** Keystone v3: `POST <address>/auth/tokens` (Identity API v3, "Authentication and token management"). */
export async function authenticateV3(identity: Identity, credentials: object, wanted: Wanted): Promise<Grant> {
  const answer = await post(identity, `${identity.address}/auth/tokens`, { auth: credentials });
  const header = answer.headers["x-subject-token"];
  const { token } = (await readJson(identity, answer)) as { token?: TokenV3 };
  if (header === undefined || token === undefined) throw malformed(identity, "it sent no token");
  const endpoints = (token.catalog ?? [])
    .filter(({ type }) => type === "object-store")
    .flatMap((service) => service.endpoints ?? []);
  return {
    token: header,
    storage: trimmed(endpointFor(endpoints, wanted)),
    ...lifeOf(identity, answer, token.issued_at, token.expires_at),
  };
}

interface AccessV2 {
  readonly token?: { readonly id?: string; readonly issued_at?: string; readonly expires?: string };
  readonly user?: { readonly "RAX-AUTH:defaultRegion"?: string };
  readonly serviceCatalog?: readonly {
    readonly type?: string;
    readonly endpoints?: readonly {
      readonly region?: string;
      readonly publicURL?: string;
      readonly internalURL?: string;
      readonly adminURL?: string;
    }[];
  }[];
}

interface TokenV3 {
  readonly issued_at?: string;
  readonly expires_at?: string;
  readonly catalog?: readonly { readonly type?: string; readonly endpoints?: readonly Endpoint[] }[];
}

function post(identity: Identity, url: string, body: object): Promise<HttpAnswer> {
  const headers = { "content-type": "application/json", accept: "application/json" };
  return ask(identity, { method: "POST", url, headers, body: JSON.stringify(body) });
}

/** A good answer; throws what any other means. Nothing that was sent is in the message. */
async function ask(identity: Identity, request: HttpRequest): Promise<HttpAnswer> {
  const trusted = await identity.authorities();
  const answer = await identity.ports.http.request({
    ...request,
    ...(trusted !== undefined && { authorities: trusted }),
  });
  if (answer.status >= 200 && answer.status < 300) return answer;
  answer.discard();
  const { status } = answer;
  const address = identity.address.replace(/[?#].*/s, "");
  if (status === 401 || status === 403) throw failure("identity-rejected", { address, status });
  if (status < 400 || isPassingStatus(status)) throw refusalOf(address, answer, identity.ports.clock.wall());
  throw failure("identity-refused", { address, status });
}

async function readJson(identity: Identity, answer: HttpAnswer): Promise<object> {
  const text = await answer.text(answerLimit);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch (error) {
    throw malformed(identity, "it sent no JSON", error);
  }
  throw malformed(identity, "it sent no JSON object");
}

/** By the service's own clock, so that it does not matter whether this host's is right. */
function lifeOf(
  { ports }: Identity,
  { headers }: HttpAnswer,
  issued: string | undefined,
  expires: string | undefined,
): { readonly life?: Milliseconds } {
  const end = Date.parse(expires ?? "");
  const begin = [issued, headers["date"]].map((text) => Date.parse(text ?? "")).find((time) => !Number.isNaN(time));
  return Number.isNaN(end) ? {} : { life: Math.max(0, end - (begin ?? ports.clock.wall())) };
}

function malformed({ address }: Identity, reason: string, cause?: unknown) {
  return failure("answer-malformed", { address: address.replace(/[?#].*/s, ""), reason }, cause);
}

function trimmed(address: string): string {
  return address.replace(/\/+$/, "");
}
