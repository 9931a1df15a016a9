import assert from "node:assert/strict";
import { encodedPath, encodedQuery, signedHeaders } from "../../../src/drivers/repositories/s3/signature.ts";
import { s3 } from "../../../src/drivers/repositories/s3.ts";
import type { Store, StorePorts } from "../../../src/drivers/stores/store.ts";
import { decoded } from "../../contracts/hook.ts";
import { storePorts } from "./opened.ts";

export interface Keys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** The store beside an artifact in a bucket, as the configuration makes it. */
export function besideObject(
  endpoint: string,
  keys: Keys,
  { bucket = "bucket", path = "web/web.tar.gz" }: { readonly bucket?: string; readonly path?: string } = {},
  ports: StorePorts = storePorts(),
): Store {
  const repo = { endpoint, accessKey: keys.accessKey, secret: keys.secretKey };
  const store = s3.store?.(decoded(s3.options, repo), decoded(s3.artifact, { bucket, path }), ports);
  assert.ok(store);
  return store;
}

/** Does what an administrator does: makes buckets, gives them policies, puts objects by hand. Throws for a refusal. */
export async function administer(
  endpoint: string,
  { accessKey, secretKey: secret }: Keys,
  method: "PUT" | "GET" | "DELETE",
  path: string,
  query: Readonly<Record<string, string>> = {},
  content: string | Buffer = "",
): Promise<string> {
  const body = Buffer.from(content);
  const { host } = new URL(endpoint);
  const request = { method, host, path: encodedPath(path), query, headers: {}, body };
  const { host: _, ...headers } = signedHeaders(request, { accessKey, secret }, "us-east-1", Date.now());
  const url = `${endpoint}${encodedPath(path)}?${encodedQuery(query)}`;
  const answer = await fetch(url, { method, headers, ...(method === "PUT" && { body }) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text;
}
