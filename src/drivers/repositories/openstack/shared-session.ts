import { createHash } from "node:crypto";
import { failure } from "../../../domain/failures/failure.ts";
import type { RepositoryPorts } from "../repository.ts";
import { createSession, type Grant, type Session } from "./session.ts";

/** By client, then by a digest of the credentials. */
const sessions = new WeakMap<RepositoryPorts["http"], Map<string, Session>>();

/** One session for all services of an agent that use the same credentials: a thousand services need one token. */
export function sharedSession(
  credentials: readonly unknown[],
  authenticate: () => Promise<Grant>,
  ports: Pick<RepositoryPorts, "http" | "clock">,
): Session {
  const known = sessions.get(ports.http) ?? new Map<string, Session>();
  sessions.set(ports.http, known);
  const key = createHash("sha256").update(JSON.stringify(credentials)).digest("hex");
  const session = known.get(key) ?? createSession(authenticate, ports.clock);
  known.set(key, session);
  return session;
}

/** Refuses to send credentials, and a token to where the identity service sends it, for everybody on the way to read. */
export function secured(authenticate: () => Promise<Grant>, repository: string, insecure: boolean) {
  return async () => {
    const grant = await authenticate();
    if (!insecure && /^http:/i.test(grant.storage)) {
      throw failure("repository-misconfigured", {
        repository,
        problem: `the identity service names a storage address without encryption (${grant.storage}); say insecure = true to use it`,
      });
    }
    return grant;
  };
}

/** Throws "repository-misconfigured" for an identity service without encryption, unless that is wished. */
export function checkEncryption(repository: string, authUrl: string, insecure: boolean): void {
  if (insecure || !/^http:/i.test(authUrl)) return;
  throw failure("repository-misconfigured", {
    repository,
    problem: "credentials over plain http can be read by everybody on the way; use https, or say insecure = true",
  });
}
