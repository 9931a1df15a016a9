import type { AuthOptions } from "./authentication.ts";

type Environment = Readonly<Record<string, string | undefined>>;

interface SwiftOptions extends AuthOptions {
  readonly interface: "public" | "internal" | "admin";
  readonly ca: string | undefined;
  readonly insecure: boolean;
}

/**
 * As python-swiftclient and openrc files have it: ST_AUTH, ST_USER and ST_KEY for version 1 of the identity service, the OS_*
 * variables for the others. Plain http is taken on this machine only.
 */
export function swiftFromEnvironment(environment: Environment): SwiftOptions | string {
  const first = (...names: string[]) => names.map((name) => environment[name]).find((value) => value);
  const given = first("OS_AUTH_URL") === undefined ? versionOne(first) : openrc(first);
  if (typeof given === "string") return given;
  if (!/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i.test(given.authUrl)) {
    return `${first("OS_AUTH_URL") === undefined ? "ST_AUTH" : "OS_AUTH_URL"} is no address such as "https://cloud.example.com:5000/v3"`;
  }
  return { ...given, ca: first("OS_CACERT"), insecure: isThisMachine(given.authUrl) };
}

type First = (...names: string[]) => string | undefined;
type Identified = Omit<SwiftOptions, "ca" | "insecure">;

const nobody = {
  user: undefined,
  key: undefined,
  userDomain: undefined,
  project: undefined,
  projectId: undefined,
  projectDomain: undefined,
  applicationCredential: undefined,
  applicationSecret: undefined,
  region: undefined,
  interface: "public",
} as const;

function versionOne(first: First): Identified | string {
  const [authUrl, user, key] = [first("ST_AUTH"), first("ST_USER"), first("ST_KEY")];
  if (authUrl === undefined && first("OS_CLOUD") !== undefined) {
    return "OS_CLOUD names an entry of clouds.yaml, which is not read; take an openrc file";
  }
  if (authUrl === undefined || user === undefined || key === undefined) {
    return "neither OS_AUTH_URL (as an openrc file sets it) nor ST_AUTH, ST_USER and ST_KEY are all set";
  }
  return { ...nobody, authUrl, authVersion: "1", user, key };
}

function openrc(first: First): Identified | string {
  const version = first("OS_IDENTITY_API_VERSION", "OS_AUTH_VERSION", "ST_AUTH_VERSION")?.replace(/\.0$/, "");
  if (version !== undefined && !isVersion(version)) return "OS_IDENTITY_API_VERSION is not 1, 2 or 3";
  const kind = (first("OS_INTERFACE", "OS_ENDPOINT_TYPE") ?? "public").replace(/URL$/, "");
  if (!isInterface(kind)) return "OS_INTERFACE is not public, internal or admin";
  for (const name of ["OS_USER_DOMAIN", "OS_PROJECT_DOMAIN"]) {
    const id = first(`${name}_ID`);
    if (id !== undefined && id !== "default" && first(`${name}_NAME`) === undefined) {
      return `${name}_ID is not enough; set ${name}_NAME to the name of that domain`;
    }
  }
  return {
    authUrl: first("OS_AUTH_URL") ?? "",
    authVersion: version,
    user: first("OS_USERNAME"),
    key: first("OS_PASSWORD"),
    userDomain: first("OS_USER_DOMAIN_NAME"),
    project: first("OS_PROJECT_NAME", "OS_TENANT_NAME"),
    projectId: first("OS_PROJECT_ID", "OS_TENANT_ID"),
    projectDomain: first("OS_PROJECT_DOMAIN_NAME"),
    applicationCredential: first("OS_APPLICATION_CREDENTIAL_ID"),
    applicationSecret: first("OS_APPLICATION_CREDENTIAL_SECRET"),
    region: first("OS_REGION_NAME"),
    interface: kind,
  };
}

function isVersion(text: string): text is "1" | "2" | "3" {
  return ["1", "2", "3"].includes(text);
}

function isInterface(text: string): text is SwiftOptions["interface"] {
  return ["public", "internal", "admin"].includes(text);
}

function isThisMachine(address: string): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/i.test(URL.parse(address)?.hostname ?? "");
}

/** As Rackspace's own command line ("rack") reads it. */
export function rackspaceFromEnvironment(environment: Environment) {
  const { RS_USERNAME: user, RS_API_KEY: key, RS_REGION_NAME: region, RS_AUTH_URL: authUrl } = environment;
  if (!user || !key) return "RS_USERNAME and RS_API_KEY are not both set";
  return {
    user,
    key,
    region: region || undefined,
    authUrl: authUrl || "https://identity.api.rackspacecloud.com/v2.0",
    interface: "public" as const,
    ca: undefined,
    insecure: false,
  };
}
