import type { Schema } from "../domain/options.ts";
import { hooks } from "../drivers/hooks/registry.ts";
import { probes } from "../drivers/probes/registry.ts";
import { repositories } from "../drivers/repositories/registry.ts";
import { stores } from "../drivers/stores/registry.ts";
import { rolloutOptions, windowOptions } from "./rollout-options.ts";
import { artifactOptions, followOptions, healthOptions, mainOptions, serviceOptions, trustOptions } from "./schemas.ts";

/** What the decoder needs to know of a driver. */
export interface DriverSchema {
  readonly name: string;
  readonly summary: string;
  readonly options: Schema;
}

export interface RepositorySchema extends DriverSchema {
  readonly artifact: Schema;
  /** There where what was published below a path can be followed. */
  readonly below?: unknown;
  /** There where hosts can meet beside the artifact. */
  readonly store?: unknown;
}

interface Family<Definition> {
  readonly all: readonly Definition[];
  find(name: string): Definition | undefined;
  unknown(name: string): string;
}

/** The words that a configuration may use to choose a driver. */
export interface Families {
  readonly repositories: Family<RepositorySchema>;
  readonly hooks: Family<DriverSchema>;
  readonly probes: Family<DriverSchema>;
  /** Where hosts may meet: `lock "consul" { … }`. */
  readonly stores: Family<DriverSchema>;
}

export const families: Families = { repositories, hooks, probes, stores };

/** The names of all settings that hold a secret, in lower case. */
export function secretNames(known: Families): ReadonlySet<string> {
  const schemas: readonly Schema[] = [
    mainOptions,
    serviceOptions,
    artifactOptions,
    followOptions,
    trustOptions,
    healthOptions,
    rolloutOptions,
    windowOptions,
    ...known.repositories.all.flatMap(({ options, artifact }) => [options, artifact]),
    ...known.hooks.all.map(({ options }) => options),
    ...known.probes.all.map(({ options }) => options),
    ...known.stores.all.map(({ options }) => options),
  ];
  const names = schemas.flatMap((schema) =>
    Object.entries(schema)
      .filter(([, option]) => option.secret === true)
      .flatMap(([name, option]) => [name, ...(option.aliases ?? [])]),
  );
  return new Set(names.map((name) => name.toLowerCase()));
}
