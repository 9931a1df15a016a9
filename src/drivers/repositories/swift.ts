import { failure } from "../../domain/failures/failure.ts";
import { choice, name, url } from "../../domain/options.ts";
import { authoritiesIn } from "../authorities.ts";
import { bucketTarget } from "./bucket-target.ts";
import { keyBelow } from "./object-key.ts";
import { type AuthOptions, authentication } from "./openstack/authentication.ts";
import { checkEncryption, secured } from "./openstack/encryption.ts";
import { swiftFromEnvironment } from "./openstack/environment.ts";
import { objectRepository } from "./openstack/object.ts";
import { containerObjects } from "./openstack/object-folder.ts";
import { objectOptions, transportOptions } from "./openstack/options.ts";
import { sharedSession } from "./openstack/shared-session.ts";
import { defineRepository, type RepositoryPorts } from "./repository.ts";

/** An object in OpenStack Swift, or in a store that speaks its protocol. */
export const swift = defineRepository({
  name: "swift",
  summary: "An object in OpenStack Swift.",
  options: {
    authUrl: url({
      summary: "The identity service, with its version.",
      required: true,
      example: '"https://cloud.example.com:5000/v3"',
    }),
    authVersion: choice(["1", "2", "3"])({
      summary: 'Version of the identity service. Default: as authUrl says ("/auth/v1.0", "/v2.0", "/v3"), else 3.',
    }),
    user: name({ summary: 'The user\'s name; "account:user" in version 1.' }),
    key: name({ summary: "The user's password or key.", secret: true, aliases: ["password"] }),
    userDomain: name({ summary: "The domain of the user, by name (version 3). Default: the one with the id default." }),
    project: name({ summary: "The project (tenant), by name.", aliases: ["tenant"] }),
    projectId: name({ summary: "The project (tenant), by id.", aliases: ["tenantId"] }),
    projectDomain: name({ summary: "The domain of the project, by name (version 3). Default: that of the user." }),
    applicationCredential: name({ summary: "Id of an application credential, instead of user and key (version 3)." }),
    applicationSecret: name({ summary: "Secret of the application credential.", secret: true }),
    region: name({ summary: "The region, where the store has several.", example: '"RegionOne"' }),
    interface: choice(["public", "internal", "admin"])({
      summary: "Which address of the store in the catalogue is used.",
      default: "public",
    }),
    ...transportOptions,
  },
  artifact: objectOptions,
  create: (options, { bucket, path }, ports) =>
    objectRepository({ scheme: "swift", container: bucket, path, ...accessOf(options, ports), ports }),
  objects: (options, { bucket, path }, ports) =>
    containerObjects({ scheme: "swift", container: bucket, path, ...accessOf(options, ports), ports }),
  below: (artifact, key) => ({ ...artifact, path: keyBelow(artifact.path, key) }),
  target: {
    scheme: "swift",
    parse: (rest) => bucketTarget(rest, "container"),
    fromEnvironment: swiftFromEnvironment,
  },
});

interface Options extends AuthOptions {
  readonly ca: string | undefined;
  readonly insecure: boolean;
}

function accessOf(options: Options, ports: Pick<RepositoryPorts, "http" | "clock">) {
  checkEncryption("swift", options.authUrl, options.insecure);
  const { read: authorities } = authoritiesIn(options.ca);
  const authenticate = authenticationOf(options, { authorities, ports });
  const session = sharedSession(["swift", options], secured(authenticate, "swift", options.insecure), ports);
  return { session, authorities };
}

function authenticationOf(options: AuthOptions, context: Parameters<typeof authentication>[1]) {
  const made = authentication(options, context);
  if (!("problem" in made)) return made.authenticate;
  throw failure("repository-misconfigured", { repository: "swift", problem: made.problem });
}
