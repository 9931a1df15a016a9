import { failure } from "../../../domain/failures/failure.ts";
import { encodedPath, encodedQuery } from "./signature.ts";

/** Which object is meant. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
  /** One version of it, where the bucket keeps versions. */
  readonly version?: string;
}

/** Where the object is asked for. */
export interface ObjectAddress {
  readonly protocol: string;
  readonly host: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly url: string;
}

/** Amazon's own endpoint of a region. */
export function amazonEndpoint(region: string): string {
  return `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

/**
 * The object's address: the bucket stands in the path for stores other than Amazon's, whose names rarely resolve per bucket,
 * and for buckets with dots, which no wildcard certificate covers; else it stands in the host name. `pathStyle` overrules.
 */
export function objectAddress(endpoint: string, object: ObjectName, pathStyle: boolean | undefined): ObjectAddress {
  const base = URL.parse(endpoint);
  if (base === null)
    throw failure("repository-misconfigured", { repository: "s3", problem: "the endpoint is no address" });
  const amazon = /\.amazonaws\.com(\.cn)?$/.test(base.hostname);
  const inPath = pathStyle ?? (!amazon || object.bucket.includes("."));
  const prefix = base.pathname.replace(/\/+$/, "");
  const host = inPath ? base.host : `${object.bucket}.${base.host}`;
  const path = `${prefix}${inPath ? `/${encodedPath(object.bucket)}` : ""}/${encodedPath(object.key)}`;
  const query = object.version === undefined ? {} : { versionId: object.version };
  const suffix = object.version === undefined ? "" : `?${encodedQuery(query)}`;
  return { protocol: base.protocol, host, path, query, url: `${base.protocol}//${host}${path}${suffix}` };
}
