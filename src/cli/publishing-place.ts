import type { Loaded } from "../config/load.ts";
import { failure } from "../domain/failures/failure.ts";
import type { PublicKey } from "../domain/publishing/public-key.ts";
import type { Configuration, ServiceDeclaration } from "../domain/service.ts";

/** Where an application is published. */
export interface PublishingPlace {
  /** Its name there. */
  readonly service: string;
  /** A target, or a service that follows what is published. */
  readonly at: string | ServiceDeclaration;
  /** Whose documents the configuration takes. */
  readonly trusted: readonly PublicKey[];
  readonly secrets: ReadonlySet<string>;
}

export interface ConfigurationAccess {
  readonly load: () => Promise<Loaded>;
  /** The same, and fails where it has errors. */
  readonly configuration: () => Promise<Configuration>;
}

interface Asked {
  readonly command: string;
  readonly service: string;
  readonly target: string | undefined;
}

/**
 * The place that a target names; without one, where the configuration says that the service, or whatever follows this
 * application, finds it. Throws "target-missing".
 */
export async function publishingPlace(
  { command, service, target }: Asked,
  { load, configuration: sound }: ConfigurationAccess,
): Promise<PublishingPlace> {
  if (target !== undefined) return { service, at: target, trusted: [], secrets: new Set() };
  const { configuration, secrets, statePath } = await load();
  // There is one, and it has errors: they are shown, not passed over.
  if (configuration === undefined && statePath !== undefined) await sound();
  const found = followerOf(service, configuration?.services ?? []);
  const follows = found?.artifact.follows;
  if (found === undefined || follows === undefined) throw failure("target-missing", { command, service });
  return { service: follows.application, at: found, trusted: follows.trust?.keys ?? [], secrets };
}

function followerOf(name: string, services: readonly ServiceDeclaration[]): ServiceDeclaration | undefined {
  const following = services.filter(({ artifact }) => artifact.follows !== undefined);
  return (
    following.find((service) => service.name === name) ??
    following.find(({ artifact }) => artifact.follows?.application === name)
  );
}
