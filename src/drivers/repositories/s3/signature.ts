import { createHash, createHmac } from "node:crypto";

/** Signing of requests for S3: AWS Signature Version 4 (Amazon S3 API reference, "Authenticating requests: using the Authorization header"). */

export interface Credentials {
  readonly accessKey: string;
  readonly secret: string;
  /** Of temporary credentials. */
  readonly token?: string;
}

export interface Unsigned {
  readonly method: string;
  /** As it goes over the wire: "store.example.com:9000". */
  readonly host: string;
  /** Encoded by `encodedPath`, beginning with "/". */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names; those that begin with "x-amz-" are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of other headers that are signed, too: whoever takes one away on the way gets a refusal, not another request. */
  readonly guarded?: readonly string[];
  readonly body?: Uint8Array;
  /** SHA-256 of a body that is not held, in lower-case hex. */
  readonly payload?: string;
}

function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** An object's key in the form in which S3 wants it in a path: everything but the unreserved characters and "/" is escaped once. */
export function encodedPath(key: string): string {
  return key.split("/").map(encoded).join("/");
}

export function encodedQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
}

function encoded(text: string): string {
  const escaped = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, escaped);
}

/**
 * The headers to send: those given, and what the signature needs. `now` is wall time in milliseconds; the store refuses one
 * that is more than 15 minutes away from its own.
 */
export function signedHeaders(
  request: Unsigned,
  credentials: Credentials,
  region: string,
  now: number,
): Record<string, string> {
  const moment = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
  const payload = request.payload ?? digestOf(request.body ?? "");
  const scope = `${moment.slice(0, 8)}/${region}/s3/aws4_request`;
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.host,
    "x-amz-content-sha256": payload,
    "x-amz-date": moment,
    ...(credentials.token !== undefined && { "x-amz-security-token": credentials.token }),
  };
  const names = Object.keys(headers)
    .filter((name) => name === "host" || name.startsWith("x-amz-") || request.guarded?.includes(name))
    .sort();
  const canonical = [
    request.method,
    request.path,
    encodedQuery(request.query),
    ...names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, " ")}`),
    "",
    names.join(";"),
    payload,
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", moment, scope, digestOf(canonical)].join("\n");
  const signature = hmac(signingKey(credentials.secret, scope), text).toString("hex");
  headers["authorization"] =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKey}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return headers;
}

function signingKey(secret: string, scope: string): Buffer {
  return scope.split("/").reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`, "utf8"));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text, "utf8").digest();
}
