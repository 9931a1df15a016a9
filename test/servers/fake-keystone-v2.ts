import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A FAKE of Keystone v2 and of Rackspace's identity service: the real v2 was removed from OpenStack years ago, and Rackspace's
 * cannot be had here. It knows one user and hands out tokens of a real Swift, which it gets by authentication v1; so what
 * stands behind it is real. Written after the Identity API v2 reference and Rackspace's documentation of `RAX-KSKEY`.
 */
export interface FakeKeystoneV2 extends AsyncDisposable {
  /** Ends in `/v2.0`. */
  readonly authUrl: string;
  readonly user: string;
  readonly password: string;
  readonly apiKey: string;
  readonly tenant: string;
  /** The region in which the real Swift is. */
  readonly region: string;
  /** A region whose object store is at an address where nobody listens. */
  readonly otherRegion: string;
  /** How many tokens were handed out. */
  tokens(): number;
}

interface RealSwift {
  readonly authUrl: string;
  readonly user: string;
  readonly key: string;
}

export async function startFakeKeystoneV2(swift: RealSwift): Promise<FakeKeystoneV2> {
  const known = { user: "fake-user", password: "fake-password", apiKey: "fake-api-key", tenant: "fake-tenant" };
  let tokens = 0;
  const server = createServer(async (request, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const reply = (status: number, body: object) =>
      answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.method !== "POST" || request.url !== "/v2.0/tokens") return reply(404, {});
    if (!isKnown(JSON.parse(Buffer.concat(chunks).toString()), known)) return reply(401, { unauthorized: {} });
    tokens += 1;
    return reply(200, await accessFor(swift));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...known,
    authUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2.0`,
    region: "ORD",
    otherRegion: "LON",
    tokens: () => tokens,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Credentials {
  readonly auth?: {
    readonly tenantName?: string;
    readonly passwordCredentials?: { readonly username: string; readonly password: string };
    readonly "RAX-KSKEY:apiKeyCredentials"?: { readonly username: string; readonly apiKey: string };
  };
}

function isKnown({ auth }: Credentials, known: Record<"user" | "password" | "apiKey" | "tenant", string>): boolean {
  const byPassword = auth?.passwordCredentials;
  const byKey = auth?.["RAX-KSKEY:apiKeyCredentials"];
  if (byKey) return byKey.username === known.user && byKey.apiKey === known.apiKey;
  return (
    byPassword?.username === known.user && byPassword.password === known.password && auth?.tenantName === known.tenant
  );
}

async function accessFor(swift: RealSwift): Promise<object> {
  const granted = await fetch(swift.authUrl, { headers: { "x-auth-user": swift.user, "x-auth-key": swift.key } });
  const storage = granted.headers.get("x-storage-url")!;
  const life = Number(granted.headers.get("x-auth-token-expires")) * 1000;
  return {
    access: {
      token: { id: granted.headers.get("x-auth-token"), expires: new Date(Date.now() + life).toISOString() },
      user: { name: "fake-user", "RAX-AUTH:defaultRegion": "ORD" },
      serviceCatalog: [
        {
          name: "cloudFilesCDN",
          type: "rax:object-cdn",
          endpoints: [{ region: "ORD", publicURL: "http://127.0.0.1:1" }],
        },
        {
          name: "cloudFiles",
          type: "object-store",
          endpoints: [
            { region: "LON", publicURL: "http://127.0.0.1:1/v1/x", internalURL: "http://127.0.0.1:1/v1/x" },
            { region: "ORD", publicURL: storage, internalURL: `${storage}/` },
          ],
        },
      ],
    },
  };
}
