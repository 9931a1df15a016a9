import { createHash } from "node:crypto";
import type { Milliseconds } from "../../../domain/duration.ts";
import { type Failure, failure } from "../../../domain/failures/failure.ts";
import { AskedToWait } from "../../../domain/retry.ts";
import type { SentBody } from "../../../platform/ports.ts";
import { retryAfter } from "../../../platform/retry-after.ts";
import {
  type Asked,
  ask,
  callLimit,
  isUncertain,
  refusalOf,
  type StoreAnswer,
  type Told,
} from "../../stores/exchange.ts";
import type { StorePorts } from "../../stores/store.ts";
import { withRetries } from "../retries.ts";
import type { Session } from "./session.ts";
import { withToken } from "./with-token.ts";

/** The objects below a prefix of a container. */
export interface Container extends Told {
  readonly kind: "object";
  readonly name: string;
  /** Ends with "/". */
  readonly prefix: string;
  readonly session: Session;
  authorities(): Promise<string | undefined>;
  readonly ports: StorePorts;
}

export interface ContainerRequest {
  /** Completes "when asked to …". */
  readonly doing: string;
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  /** Of the object, the prefix included; "" for the container. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | SentBody;
  /** Bytes of the answer that are read. */
  readonly limit: number;
  readonly time?: Milliseconds;
  readonly answerTime?: Milliseconds;
}

/** Asks once, and again only with another token, when the store did not take the first one. */
export async function askContainer(
  container: Container,
  request: ContainerRequest,
  signal: AbortSignal,
): Promise<Asked> {
  const { session, name, ports } = container;
  const { doing, method, key, query = {}, headers, body, limit, time = callLimit, answerTime } = request;
  const authorities = await container.authorities();
  const asking = Object.keys(query).length === 0 ? "" : `?${new URLSearchParams(query)}`;
  const path = key === "" ? "" : `/${key.split("/").map(encodeURIComponent).join("/")}`;
  const send = ({ storage, token }: { readonly storage: string; readonly token: string }) =>
    ask(
      container,
      {
        doing,
        request: {
          method,
          url: `${storage}/${encodeURIComponent(name)}${path}${asking}`,
          headers: { ...headers, "x-auth-token": token },
          ...(body !== undefined && { body }),
          ...(authorities !== undefined && { authorities }),
        },
        limit,
        time,
        ...(answerTime !== undefined && { answerTime }),
      },
      signal,
    );
  return withToken(session, signal, send, ({ answer }) => {
    if (answer?.status === 401) ports.logger.log("info", "the token was renewed", { store: container.place });
    return answer?.status === 401;
  });
}

/** An answer, whatever it is; throws when there is none. */
export async function answerOnce(
  container: Container,
  request: ContainerRequest,
  signal: AbortSignal,
): Promise<StoreAnswer> {
  const asked = await askContainer(container, request, signal);
  if (asked.answer === undefined) throw asked.problem;
  return asked.answer;
}

/** For what comes to the same done twice. */
export function answerOf(container: Container, request: ContainerRequest, signal: AbortSignal): Promise<StoreAnswer> {
  const { place, ports } = container;
  return withRetries({ place, doing: request.doing }, ports, signal, async () => {
    const answer = await answerOnce(container, request, signal);
    if (isUncertain(answer.status) || isBusy(answer.status)) throw containerRefusal(container, request.doing, answer);
    return answer;
  });
}

/** 498 is Swift's own word for "too many requests". */
function isBusy(status: number): boolean {
  return status === 429 || status === 498;
}

const full: Readonly<Record<number, string>> = {
  413: "status 413, which a quota or a limit of size answers",
  507: "status 507, a disk of the store is full",
};

/** What an answer means that no good one is. The text of an answer is not told: it may quote anything. */
export function containerRefusal(container: Container, doing: string, answer: StoreAnswer): Failure {
  const { place, name, ports } = container;
  const { status, headers } = answer;
  const lack = full[status];
  if (lack !== undefined) return failure("object-store-full", { place, doing, answer: lack });
  if (status === 401 || status === 403) return failure("object-container-forbidden", { place, doing, container: name });
  if (status >= 300 && status < 400) {
    const location = (headers["location"] ?? "nowhere").replace(/[?#].*/s, "").replace(/\/\/[^/]*@/, "//");
    return failure("store-redirects", { artifact: place, status, location: location.slice(0, 200) });
  }
  const wait = retryAfter(headers["retry-after"], ports.clock.wall());
  return refusalOf(
    container,
    doing,
    isBusy(status) ? 429 : status,
    "",
    wait === undefined ? undefined : new AskedToWait(wait),
  );
}

/** The answer for a missing object and for a missing container is the same: the container is asked for then. */
export async function requireContainer(container: Container, signal: AbortSignal): Promise<void> {
  const doing = "look for the container";
  const answer = await answerOf(container, { doing, method: "HEAD", key: "", limit: 0 }, signal);
  if (answer.status === 404) throw failure("bucket-missing", { bucket: container.name });
  if (answer.status >= 300) throw containerRefusal(container, doing, answer);
}

export function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
