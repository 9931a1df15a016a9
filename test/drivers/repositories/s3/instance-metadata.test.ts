import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { chainCredentials } from "../../../../src/drivers/repositories/s3/credentials.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import type { Logger } from "../../../../src/platform/ports.ts";

const logger: Logger = { log: () => undefined, with: () => logger };
const role = {
  Code: "Success",
  AccessKeyId: "key",
  SecretAccessKey: "secret",
  Token: "token",
  Expiration: new Date(Date.now() + 3_600_000).toISOString(),
};

test("a metadata service that gives no token (version 1) is not trusted with the question", async (t) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method !== "GET") response.writeHead(405).end();
    else response.end(request.url?.endsWith("/role") ? JSON.stringify(role) : "role");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const kept = process.env;
  t.after(() => {
    process.env = kept;
    server.closeAllConnections();
    server.close();
  });
  process.env = {
    AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_SHARED_CREDENTIALS_FILE: "/nowhere/credentials",
    AWS_CONFIG_FILE: "/nowhere/config",
  };
  const credentials = chainCredentials("us-east-1", { clock: systemClock, logger });

  await assert.rejects(credentials.current(new AbortController().signal), { code: "credentials-missing" });

  assert.deepEqual([...new Set(asked)], ["PUT /latest/api/token"]);
});
