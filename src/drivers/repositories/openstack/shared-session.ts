import { createHash } from "node:crypto";
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
