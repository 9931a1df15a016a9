import { formatDuration } from "../../../domain/duration.ts";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import type { Clock, Logger } from "../../../platform/ports.ts";
import { stoppable } from "../../../platform/stoppable.ts";
import type { Credentials } from "./signature.ts";

/** Where the credentials of a repository come from. */
export interface CredentialSource {
  /** Those to sign with now. Throws "credentials-missing" or "credentials-unavailable". */
  current(signal: AbortSignal): Promise<Credentials>;
  /** The store refused `refused`: the next ones are read anew. False when there can be no others. */
  renew(refused: Credentials): boolean;
}

/** Credentials that stand in the configuration. */
export function staticCredentials(credentials: Credentials): CredentialSource {
  return { current: async () => credentials, renew: () => false };
}

/** For all sources of the chain together; each of the instance's own services answers in a second or is not there. */
const chainLimit = 20_000;
const metadataLimit = 1000;
/** Credentials that end this soon are replaced before they do. */
const ahead = 5 * 60_000;

interface Held {
  readonly credentials: Credentials;
  /** Wall time. */
  readonly until: number;
}

/**
 * The standard chain of AWS: environment, shared files and profiles (SSO, roles, processes), web identity, the container's
 * and the instance's role. Read when first needed, again before they expire and after the store refused them.
 */
export function chainCredentials(region: string, ports: { clock: Clock; logger: Logger }): CredentialSource {
  let held: Held | undefined;
  let loading: Promise<Held> | undefined;
  return {
    async current(signal) {
      if (held !== undefined && held.until - ports.clock.wall() > ahead) return held.credentials;
      loading ??= load(region, ports).finally(() => {
        loading = undefined;
      });
      // shared by all who wait for it; each of them may give up alone
      held = await stoppable(loading, signal);
      return held.credentials;
    },
    renew(refused) {
      // another service may have had them renewed already
      if (held?.credentials === refused) held = undefined;
      return true;
    },
  };
}

async function load(region: string, { clock, logger }: { clock: Clock; logger: Logger }): Promise<Held> {
  const limit = formatDuration(chainLimit);
  using deadline = clock.deadline(chainLimit, () =>
    failure("credentials-unavailable", { reason: `no answer in ${limit}` }),
  );
  try {
    const identity = await stoppable(askChain(region, logger), deadline.signal);
    return {
      credentials: {
        accessKey: identity.accessKeyId,
        secret: identity.secretAccessKey,
        ...(identity.sessionToken !== undefined && { token: identity.sessionToken }),
      },
      until: identity.expiration?.getTime() ?? Number.POSITIVE_INFINITY,
    };
  } catch (error) {
    throw chainFailure(error);
  }
}

/** Loaded only when it is needed: it costs 4 MB and 30 ms (docs/decisions/0003-s3-client.md). */
async function askChain(region: string, logger: Logger) {
  // By "default", as every bundler has it of a package that is not a module.
  const { default: sdk } = await import("@aws-sdk/credential-provider-node");
  const warn = () => logger.log("warn", "AWS_PROFILE and AWS_ACCESS_KEY_ID are both set; the profile is used");
  const silent = () => undefined;
  const chain = sdk.defaultProvider({
    // read the files anew each time, so that rotated keys are seen
    ignoreCache: true,
    timeout: metadataLimit,
    maxRetries: 1,
    clientConfig: { region },
    // version 2 of the metadata service only: version 1 answers whoever can make this host send a GET
    ec2MetadataV1Disabled: true,
    logger: { debug: silent, info: silent, warn, error: silent },
  });
  return chain();
}

/** Only the name of the error is told: its text may quote the command of a process, or what it printed. */
function chainFailure(error: unknown): unknown {
  if (error instanceof Failure) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (message === "Could not load credentials from any providers") return failure("credentials-missing", {});
  return failure("credentials-unavailable", { reason: /^\w{1,80}$/.test(name) ? name : "it failed" });
}
