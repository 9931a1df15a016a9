import { failure } from "../../../domain/failures/failure.ts";
import type { Grant } from "./session.ts";

/** The same authentication, but a token is not sent to a store without encryption, where the identity service may lead it. */
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
