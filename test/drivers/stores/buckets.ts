import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { s3 } from "../../../src/drivers/repositories/s3.ts";
import type { Store, StorePorts } from "../../../src/drivers/stores/store.ts";
import { decoded } from "../../contracts/hook.ts";
import { storePorts } from "./opened.ts";

const run = promisify(execFile);

export interface Keys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** The store beside an artifact in a bucket, as the configuration makes it. */
export function besideObject(endpoint: string, keys: Keys, bucket = "bucket", ports: StorePorts = storePorts()): Store {
  const repo = { endpoint, accessKey: keys.accessKey, secret: keys.secretKey };
  const artifact = decoded(s3.artifact, { bucket, path: "web/web.tar.gz" });
  const store = s3.store?.(decoded(s3.options, repo), artifact, ports);
  assert.ok(store);
  return store;
}

/** What `curl` is answered, whose signing is not ours; throws for a refusal. `path`: "/bucket/key?query". */
export async function curl(endpoint: string, keys: Keys, path: string, ...options: string[]): Promise<string> {
  const user = ["--aws-sigv4", "aws:amz:us-east-1:s3", "-u", `${keys.accessKey}:${keys.secretKey}`];
  const common = ["-sS", "--fail-with-body", "-m", "60", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"];
  return (await run("curl", [...common, ...user, ...options, `${endpoint}${path}`])).stdout;
}
