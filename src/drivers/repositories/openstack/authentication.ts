import { authenticateV1, authenticateV2, authenticateV3, type Identity } from "./identity.ts";
import type { Grant } from "./session.ts";

/** What an operator writes about who the agent is towards OpenStack. */
export interface AuthOptions {
  readonly authUrl: string;
  readonly authVersion: "1" | "2" | "3" | undefined;
  readonly user: string | undefined;
  readonly key: string | undefined;
  readonly userDomain: string | undefined;
  readonly project: string | undefined;
  readonly projectId: string | undefined;
  readonly projectDomain: string | undefined;
  readonly applicationCredential: string | undefined;
  readonly applicationSecret: string | undefined;
  readonly region: string | undefined;
  readonly interface: string;
}

type Authentication = { readonly authenticate: () => Promise<Grant> } | { readonly problem: string };

/** The way to authenticate that these options ask for, or what is wrong with them. Nothing is sent yet. */
export function authentication(options: AuthOptions, context: Omit<Identity, "address">): Authentication {
  const given = options.authUrl.replace(/\/+$/, "");
  const version = options.authVersion ?? versionIn(given);
  const problem = problemOf(options, version);
  if (problem !== undefined) return { problem };
  const { user = "", key = "" } = options;
  if (version === "1") return { authenticate: () => authenticateV1({ ...context, address: given }, user, key) };
  const path = version === "2" ? "/v2.0" : "/v3";
  const identity = { ...context, address: given.endsWith(path) ? given : `${given}${path}` };
  return version === "2"
    ? { authenticate: () => authenticateV2(identity, passwordV2(options), options) }
    : { authenticate: () => authenticateV3(identity, credentialsV3(options), options) };
}

function versionIn(address: string): "1" | "2" | "3" {
  const version = /\/v([12])(?:\.\d+)?$/.exec(address)?.[1];
  return version === "1" || version === "2" ? version : "3";
}

function problemOf(options: AuthOptions, version: "1" | "2" | "3"): string | undefined {
  const { user, key, project, projectId, applicationCredential, applicationSecret } = options;
  if (applicationCredential !== undefined || applicationSecret !== undefined) {
    if (version !== "3") return "application credentials need version 3 of the identity service";
    if (applicationCredential === undefined || applicationSecret === undefined) {
      return "applicationCredential and applicationSecret belong together";
    }
    return user === undefined && key === undefined
      ? undefined
      : "an application credential takes the place of user and key";
  }
  if (user === undefined || key === undefined) return "user and key are needed";
  if (version === "3" && project === undefined && projectId === undefined) return "project or projectId is needed";
  return undefined;
}

function passwordV2({ user, key, project, projectId }: AuthOptions): object {
  return {
    passwordCredentials: { username: user, password: key },
    ...(projectId !== undefined ? { tenantId: projectId } : project !== undefined && { tenantName: project }),
  };
}

function credentialsV3(options: AuthOptions): object {
  const { applicationCredential: id, applicationSecret: secret } = options;
  if (id !== undefined) {
    return { identity: { methods: ["application_credential"], application_credential: { id, secret } } };
  }
  const userDomain = options.userDomain === undefined ? { id: "default" } : { name: options.userDomain };
  const projectDomain = options.projectDomain === undefined ? userDomain : { name: options.projectDomain };
  const project = options.projectId ? { id: options.projectId } : { name: options.project, domain: projectDomain };
  const user = { name: options.user, domain: userDomain, password: options.key };
  return { identity: { methods: ["password"], password: { user } }, scope: { project } };
}
