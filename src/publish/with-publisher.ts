import { createSecrets } from "../domain/secrets.ts";
import type { StorePorts } from "../drivers/stores/store.ts";
import { cryptography } from "../platform/cryptography.ts";
import { openTarget } from "./open-target.ts";
import type { Publisher } from "./publisher.ts";
import { openSigningKey, type PrivateKeySource } from "./signing-key.ts";

/** Who publishes what, where, and how. */
export interface PublisherOptions
  extends Pick<Publisher, "service" | "by" | "validFor" | "atLeast" | "trusted" | "adopts" | "signal" | "onRemark"> {
  readonly target: string;
  readonly privateKey: PrivateKeySource | undefined;
}

/** Lets `use` publish; the store is open meanwhile. Throws what the target and the key are refused for. */
export async function withPublisher<Result>(
  { target, privateKey, ...options }: PublisherOptions,
  ports: StorePorts,
  use: (publisher: Publisher) => Promise<Result>,
): Promise<Result> {
  const { clock, random } = ports;
  const key = privateKey && (await openSigningKey(privateKey, cryptography, createSecrets()));
  const folder = openTarget(target, ports);
  try {
    return await use({ ...options, folder, key, check: cryptography, clock, random });
  } finally {
    folder.close();
  }
}
