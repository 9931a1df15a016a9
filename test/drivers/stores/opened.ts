import assert from "node:assert/strict";
import { Failure, type FailureCode } from "../../../src/domain/failures/failure.ts";
import type { Schema } from "../../../src/domain/options.ts";
import type { Store, StoreDefinition, StorePorts, Swap } from "../../../src/drivers/stores/store.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { files } from "../../../src/platform/files.ts";
import { createHttpClient } from "../../../src/platform/http.ts";
import { systemRandom } from "../../../src/platform/random.ts";
import { decoded } from "../../contracts/hook.ts";

const silent = { log() {}, with: () => silent };

/** The real ports, with connections of their own. */
export function storePorts(changes: Partial<StorePorts> = {}): StorePorts {
  return {
    http: createHttpClient(),
    files,
    clock: systemClock,
    random: systemRandom,
    logger: silent,
    environment: {},
    ...changes,
  };
}

/** A clock by which nobody waits longer than `longest` milliseconds for an answer. */
export function impatientClock(longest: number): StorePorts["clock"] {
  return {
    ...systemClock,
    deadline: (duration, reason, parent) => systemClock.deadline(Math.min(duration, longest), reason, parent),
  };
}

/** A store as the configuration makes it. */
export function opened<Options extends Schema>(
  definition: StoreDefinition<Options>,
  written: Record<string, unknown>,
  ports: StorePorts = storePorts(),
): Store {
  return definition.create(decoded(definition.options, written), ports);
}

export const bytes = (text: string) => new TextEncoder().encode(text);
export const soon = () => AbortSignal.timeout(30_000);

/** A key that no other test uses. */
export const freshKey = () => `web/${systemRandom.name()}/record`;

export async function textAt(store: Store, key: string): Promise<string | undefined> {
  const value = await store.read(key, soon());
  return value && new TextDecoder().decode(value.bytes);
}

/** The version of a swap that must have been done. */
export function versionOf(swap: Swap): string {
  assert.equal(swap.outcome, "swapped", JSON.stringify(swap));
  return swap.outcome === "swapped" ? swap.version : "";
}

export async function failed(promise: Promise<unknown>, code: FailureCode): Promise<Failure> {
  const met = await promise.then(
    () => assert.fail("it did not fail"),
    (error: unknown) => error,
  );
  assert.ok(met instanceof Failure, String(met));
  assert.equal(met.code, code, met.message);
  return met;
}

/**
 * Without a certificate that it takes, a server ends a connection of TLS 1.3 right after the client thought it stood, and the
 * reset may overtake the reason: it is heard within a few tries.
 */
export async function certificateRefused(store: Store): Promise<void> {
  for (let tries = 0; tries < 30; tries += 1) {
    const met = await store.read(freshKey(), soon()).then(
      () => assert.fail("it was let in"),
      (error: unknown) => error,
    );
    assert.ok(met instanceof Failure, String(met));
    if (met.code === "client-certificate-refused") return;
    assert.equal(met.code, "rollout-store-unanswered", met.message);
  }
  assert.fail("the reason was never heard");
}
