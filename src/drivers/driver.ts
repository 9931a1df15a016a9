import { didYouMean } from "../domain/did-you-mean.ts";
import type { Schema, Values } from "../domain/options.ts";

/** What every driver says of itself; the decoder, `dropship explain` and the reference pages read nothing else. */
export interface DriverDefinition<Options extends Schema, Ports, Driver> {
  /** The word in the configuration; also the name of the file. */
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly options: Options;
  /** Written as a method, so that definitions with different options can stand in one registry. */
  create(options: Values<Options>, ports: Ports): Driver;
}

/** Only helps the compiler to infer the options' types. */
export function defineDriver<const Options extends Schema, Ports, Driver>(
  definition: DriverDefinition<Options, Ports, Driver>,
): DriverDefinition<Options, Ports, Driver> {
  return definition;
}

/** All drivers of one family, found by their word. */
export interface Registry<Definition extends { readonly name: string }> {
  readonly kind: string;
  readonly all: readonly Definition[];
  find(name: string): Definition | undefined;
  /** `unknown hook "webhok"; did you mean "webhook"?` */
  unknown(name: string): string;
}

export function registry<Definition extends { readonly name: string }>(
  kind: string,
  all: readonly Definition[],
): Registry<Definition> {
  const byName = new Map(all.map((definition) => [definition.name, definition]));
  return {
    kind,
    all,
    find: (name) => byName.get(name),
    unknown: (name) =>
      `unknown ${kind} "${name}"${didYouMean(name, byName.keys()) || `; known are ${[...byName.keys()].join(", ")}`}`,
  };
}
