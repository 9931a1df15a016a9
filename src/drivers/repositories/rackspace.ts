import { choice, name, url } from "../../domain/options.ts";
import { authoritiesIn } from "../authorities.ts";
import { bucketTarget } from "./bucket-target.ts";
import { keyBelow } from "./object-key.ts";
import { checkEncryption, secured } from "./openstack/encryption.ts";
import { rackspaceFromEnvironment } from "./openstack/environment.ts";
import { authenticateV2 } from "./openstack/identity.ts";
import { objectRepository } from "./openstack/object.ts";
import { containerObjects } from "./openstack/object-folder.ts";
import { objectOptions, transportOptions } from "./openstack/options.ts";
import { sharedSession } from "./openstack/shared-session.ts";
import { defineRepository, type RepositoryPorts } from "./repository.ts";

/** An object in Rackspace Cloud Files: Swift behind Rackspace's identity service (v2, with an API key). */
export const rackspace = defineRepository({
  name: "rackspace",
  summary: "An object in Rackspace Cloud Files.",
  options: {
    user: name({ summary: "The user's name.", required: true }),
    key: name({ summary: "The user's API key.", required: true, secret: true }),
    region: name({
      summary: "The region of the container. Default: the user's own.",
      example: '"DFW"',
    }),
    authUrl: url({
      summary: "The identity service.",
      default: "https://identity.api.rackspacecloud.com/v2.0",
    }),
    interface: choice(["public", "internal"])({
      summary: 'Which address of the store is used; "internal" is for servers in the same region (ServiceNet).',
      default: "public",
    }),
    ...transportOptions,
  },
  artifact: objectOptions,
  create: (options, { bucket, path }, ports) =>
    objectRepository({ scheme: "rackspace", container: bucket, path, ...accessOf(options, ports), ports }),
  objects: (options, { bucket, path }, ports) =>
    containerObjects({ scheme: "rackspace", container: bucket, path, ...accessOf(options, ports), ports }),
  below: (artifact, key) => ({ ...artifact, path: keyBelow(artifact.path, key) }),
  target: {
    scheme: "rackspace",
    parse: (rest) => bucketTarget(rest, "container"),
    fromEnvironment: rackspaceFromEnvironment,
  },
});

interface Options {
  readonly user: string;
  readonly key: string;
  readonly region: string | undefined;
  readonly authUrl: string;
  readonly interface: "public" | "internal";
  readonly ca: string | undefined;
  readonly insecure: boolean;
}

function accessOf(options: Options, ports: Pick<RepositoryPorts, "http" | "clock">) {
  const { user, key, region, insecure } = options;
  checkEncryption("rackspace", options.authUrl, insecure);
  const { read: authorities } = authoritiesIn(options.ca);
  const identity = { address: options.authUrl.replace(/\/+$/, ""), authorities, ports };
  const credentials = { "RAX-KSKEY:apiKeyCredentials": { username: user, apiKey: key } };
  const authenticate = () => authenticateV2(identity, credentials, { region, interface: options.interface });
  const session = sharedSession(["rackspace", options], secured(authenticate, "rackspace", insecure), ports);
  return { session, authorities };
}
