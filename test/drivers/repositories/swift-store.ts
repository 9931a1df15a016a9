import assert from "node:assert/strict";
import type { RepositoryPorts } from "../../../src/drivers/repositories/repository.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import type { HttpRequest } from "../../../src/platform/ports.ts";
import type { KeystoneSwift, Swift } from "../../servers/swift.ts";

/** A real Swift as its users see it; no code of ours in between. */
export interface SwiftStore {
  readonly storage: string;
  readonly token: string;
  /** `path`: below the account, with a query if need be. Throws for an answer that is no success. */
  send(method: string, path: string, body?: Uint8Array | string, headers?: Record<string, string>): Promise<Response>;
}

export async function openStore(swift: Swift, container: string): Promise<SwiftStore> {
  const headers = { "x-auth-user": swift.user, "x-auth-key": swift.key };
  const granted = await fetch(swift.authUrl, { headers });
  return filledStore(granted.headers.get("x-storage-url")!, granted.headers.get("x-auth-token")!, container);
}

export async function openKeystoneStore(swift: KeystoneSwift, container: string): Promise<SwiftStore> {
  const domain = { id: swift.domainId };
  const user = { name: swift.user, domain, password: swift.password };
  const granted = await fetch(`${swift.authUrl}/auth/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      auth: {
        identity: { methods: ["password"], password: { user } },
        scope: { project: { name: swift.project, domain } },
      },
    }),
  });
  const { token } = (await granted.json()) as { token: { project: { id: string } } };
  const storage = `${swift.endpoint}/v1/AUTH_${token.project.id}`;
  return filledStore(storage, granted.headers.get("x-subject-token")!, container);
}

async function filledStore(storage: string, token: string, container: string): Promise<SwiftStore> {
  const store: SwiftStore = {
    storage,
    token,
    async send(method, path, body, headers = {}) {
      const answer = await fetch(`${storage}/${path}`, {
        method,
        headers: { "x-auth-token": token, ...headers },
        ...(body !== undefined && { body: typeof body === "string" ? body : Buffer.from(body) }),
      });
      assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.ok ? "" : await answer.text()}`);
      return answer;
    },
  };
  await store.send("PUT", container);
  return store;
}

/** The ports, with every request noted. */
export function noting(ports: RepositoryPorts): { readonly ports: RepositoryPorts; readonly requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const request = (one: HttpRequest) => {
    requests.push(one);
    return ports.http.request(one);
  };
  return { requests, ports: { ...ports, http: { ...ports.http, request }, clock: systemClock } };
}
