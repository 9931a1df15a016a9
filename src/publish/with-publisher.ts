import { createSecrets } from "../domain/secrets.ts";
import { defaultLimits, type ServiceDeclaration } from "../domain/service.ts";
import type { StorePorts } from "../drivers/stores/store.ts";
import { cryptography } from "../platform/cryptography.ts";
import { openPlace } from "./open-place.ts";
import type { Publisher } from "./publisher.ts";
import { openSigningKey, type PrivateKeySource } from "./signing-key.ts";

/** Who publishes what, where, and how. */
export interface PublisherOptions
  extends Pick<Publisher, "service" | "by" | "validFor" | "atLeast" | "trusted" | "adopts" | "signal" | "onRemark"> {
  /** A target, or a service that follows what is published. */
  readonly at: string | ServiceDeclaration;
  readonly privateKey: PrivateKeySource | undefined;
}

/** Lets `use` publish; the store is open meanwhile. Throws what the place and the key are refused for. */
export async function withPublisher<Result>(
  { at, privateKey, ...options }: PublisherOptions,
  ports: StorePorts,
  use: (publisher: Publisher) => Promise<Result>,
): Promise<Result> {
  const { clock, random } = ports;
  const key = privateKey && (await openSigningKey(privateKey, cryptography, createSecrets()));
  const folder = openPlace(at, ports);
  try {
    const limits = typeof at === "string" ? defaultLimits : at.artifact.limits;
    return await use({ ...options, limits, folder, key, check: cryptography, clock, random });
  } finally {
    folder.close();
  }
}
