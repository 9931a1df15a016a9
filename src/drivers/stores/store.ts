import type { Milliseconds } from "../../domain/duration.ts";
import type { FailureNote } from "../../domain/failures/failure.ts";
import type { Schema, Values } from "../../domain/options.ts";
import type { Clock, Files, HttpClient, Logger, Random } from "../../platform/ports.ts";

/** One value and the store's token for this very state of it. */
export interface Versioned {
  readonly bytes: Uint8Array;
  readonly version: string;
}

export type Swap =
  | { readonly outcome: "swapped"; readonly version: string }
  /** The store says for certain that the value is not at that version: nothing was written. */
  | { readonly outcome: "conflict" }
  /** Nobody knows whether it was written (time-out, reset, 5xx): the caller reads back. */
  | { readonly outcome: "unknown"; readonly problem: FailureNote };

/**
 * Where hosts meet. Keys are paths of letters, digits, `-`, `.`, `_`, `~`, `%` and `/`. Every call ends by its own deadline
 * (10 s, or what the driver's file says), and throws a passing or lasting `Failure` when it certainly did nothing. No driver
 * retries a `swap` by itself.
 */
export interface Store {
  /** As a person would name it: "consul http://127.0.0.1:8500 (prefix dropship)". No secret in it. */
  readonly place: string;
  /** "best-effort": an acknowledged write may be lost (Redis); said in status and docs. */
  readonly safety: "strict" | "best-effort";
  /** How it is followed where `watch` is missing: a host whose turn is near asks this often; 0 where `watch` is there. */
  readonly pace: Milliseconds;
  /** The present value; undefined when there is none. Never a stale one, where the store can help it. */
  read(key: string, signal: AbortSignal): Promise<Versioned | undefined>;
  /** Writes if the value is at `version`; with undefined, if there is none. */
  swap(key: string, bytes: Uint8Array, version: string | undefined, signal: AbortSignal): Promise<Swap>;
  /** Writes unconditionally: beats and reports, of which each has one writer. */
  put(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** All keys below a prefix that ends with "/", in no order. */
  list(prefix: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Of beats, reports and what a probe leaves; the record is never removed. Nothing there is fine. */
  remove(key: string, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the value may have changed since `version`, and after `patience` at the latest; may resolve for nothing.
   * Rejects like `read`.
   */
  watch?(key: string, version: string | undefined, patience: Milliseconds, signal: AbortSignal): Promise<void>;
  /** Frees connections and timers. */
  close(): void;
}

export interface StorePorts {
  readonly http: HttpClient;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A store that the configuration names: `lock "consul" { … }`. */
export interface StoreDefinition<Options extends Schema> {
  /** The word in the configuration; also the name of the file. */
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly options: Options;
  create(options: Values<Options>, ports: StorePorts): Store;
}

/** Only helps the compiler to infer the options' types. */
export function defineStore<const Options extends Schema>(
  definition: StoreDefinition<Options>,
): StoreDefinition<Options> {
  return definition;
}
