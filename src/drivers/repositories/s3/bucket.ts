import { failure } from "../../../domain/failures/failure.ts";
import type { Clock, HttpClient, Logger } from "../../../platform/ports.ts";
import { type Authorities, authoritiesIn } from "../../authorities.ts";
import { amazonEndpoint, type ObjectAddress, objectAddress } from "./address.ts";
import { type CredentialSource, chainCredentials, staticCredentials } from "./credentials.ts";

/** A bucket, and what its store has to be asked with. */
export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly credentials: CredentialSource;
  readonly authorities: Authorities;
  /** Of an object, or of one version of it; "" is the key of the bucket itself. */
  addressOf(key: string, version?: string): ObjectAddress;
}

/** What the `repo` block says. */
export interface BucketOptions {
  readonly accessKey: string | undefined;
  readonly secret: string | undefined;
  readonly token: string | undefined;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly pathStyle: boolean | undefined;
  readonly ca: string | undefined;
}

interface Ports {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function bucketOf(options: BucketOptions, name: string, ports: Ports): Bucket {
  const { AWS_REGION, AWS_DEFAULT_REGION } = ports.environment;
  const region = options.region ?? (AWS_REGION || AWS_DEFAULT_REGION || "us-east-1");
  const endpoint = options.endpoint ?? amazonEndpoint(region);
  return {
    name,
    region,
    credentials: credentialsOf(options, region, ports),
    authorities: authoritiesIn(options.ca),
    addressOf: (key, version) =>
      objectAddress(endpoint, { bucket: name, key, ...(version !== undefined && { version }) }, options.pathStyle),
  };
}

/** One chain for all services of an agent and region: each role is asked for once. */
const chains = new WeakMap<HttpClient, Map<string, CredentialSource>>();

function credentialsOf({ accessKey, secret, token }: BucketOptions, region: string, ports: Ports): CredentialSource {
  if (accessKey !== undefined && secret !== undefined) {
    return staticCredentials({ accessKey, secret, ...(token !== undefined && { token }) });
  }
  if (accessKey !== undefined || secret !== undefined || token !== undefined) {
    throw failure("repository-misconfigured", {
      repository: "s3",
      problem: "accessKey and secret belong together (and token only to both)",
    });
  }
  const known = chains.get(ports.http) ?? new Map<string, CredentialSource>();
  chains.set(ports.http, known);
  const chain = known.get(region) ?? chainCredentials(region, ports);
  known.set(region, chain);
  return chain;
}
