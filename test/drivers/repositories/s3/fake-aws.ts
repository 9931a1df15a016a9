import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/**
 * A fake of the three services of Amazon that hand out temporary credentials, since no real one can be had here: the
 * container's endpoint, the instance's metadata (version 2, with its token) and STS (web identity only).
 */
export interface FakeAws extends AsyncDisposable {
  readonly endpoint: string;
  /** What it hands out from now on. */
  give(credentials: { readonly accessKey: string; readonly secret: string; readonly expiresIn: number }): void;
  /** Method and path of what it was asked. */
  readonly asked: string[];
}

export const containerToken = "container-authorization";

export async function startFakeAws(): Promise<FakeAws> {
  const asked: string[] = [];
  let given = { accessKey: "", secret: "", expiresIn: 3600 };
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const { status, body } = answer(request, await text(request), given);
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    give: (next) => {
      given = next;
    },
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

type Given = Parameters<FakeAws["give"]>[0];

function answer({ method, url, headers }: IncomingMessage, sent: string, given: Given) {
  const refused = { status: 403, body: "" };
  if (method === "GET" && url === "/container") {
    return headers.authorization === containerToken ? { status: 200, body: documentOf(given) } : refused;
  }
  if (method === "PUT" && url === "/latest/api/token") return { status: 200, body: "metadata-token" };
  if (method === "GET" && url?.startsWith("/latest/meta-data/iam/security-credentials/")) {
    if (headers["x-aws-ec2-metadata-token"] !== "metadata-token") return { status: 401, body: "" };
    return { status: 200, body: url.endsWith("/role") ? documentOf(given) : "role" };
  }
  if (method === "POST" && sent.includes("Action=AssumeRoleWithWebIdentity")) {
    return sent.includes("WebIdentityToken=identity-token") ? { status: 200, body: assumed(given) } : refused;
  }
  return { status: 404, body: "" };
}

function expiration({ expiresIn }: Given): string {
  return new Date(Date.now() + expiresIn * 1000).toISOString();
}

function documentOf(given: Given): string {
  return JSON.stringify({
    Code: "Success",
    AccessKeyId: given.accessKey,
    SecretAccessKey: given.secret,
    Token: "",
    Expiration: expiration(given),
  });
}

function assumed(given: Given): string {
  return `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
    <Credentials><AccessKeyId>${given.accessKey}</AccessKeyId><SecretAccessKey>${given.secret}</SecretAccessKey>
    <SessionToken></SessionToken><Expiration>${expiration(given)}</Expiration></Credentials>
    </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
}
