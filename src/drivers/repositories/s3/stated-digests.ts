type Headers = Readonly<Record<string, string>>;

/**
 * The ETag is an MD5 of the content only for objects that were uploaded in one piece and not encrypted with keys of the
 * customer or of KMS ("…-N" marks several pieces), and never in a directory bucket.
 */
export function md5Of(headers: Headers, bucket: string): string | undefined {
  const opaque =
    (headers["x-amz-server-side-encryption"] ?? "").startsWith("aws:kms") ||
    headers["x-amz-server-side-encryption-customer-algorithm"] !== undefined ||
    bucket.endsWith("--x-s3");
  return opaque ? undefined : /^"([0-9a-f]{32})"$/.exec(headers["etag"] ?? "")?.[1];
}

/** The checksum header covers the pieces, not the content, when it is of the type COMPOSITE ("…-N"). */
export function sha256Of(headers: Headers): string | undefined {
  const stated = headers["x-amz-checksum-sha256"] ?? "";
  if (headers["x-amz-checksum-type"] === "COMPOSITE" || !/^[A-Za-z0-9+/]{43}=$/.test(stated)) return undefined;
  return Buffer.from(stated, "base64").toString("hex");
}
