import { didYouMean, nearest } from "../../domain/did-you-mean.ts";
import { type Failure, failure } from "../../domain/failures/failure.ts";
import type { Schema, Values } from "../../domain/options.ts";
import { repositories } from "./registry.ts";
import type { RepositoryDefinition, RepositoryPorts } from "./repository.ts";

/** A place to publish to, as a command line names it: a definition, and what to open it with. */
export interface Target {
  readonly definition: RepositoryDefinition<Schema, Schema>;
  readonly options: Values<Schema>;
  /** Its path is the folder. */
  readonly artifact: Values<Schema>;
}

/** Reads "s3://bucket/web"; everything else comes from the environment. Throws "target-invalid" or "target-environment". */
export function readTarget(written: string, environment: RepositoryPorts["environment"]): Target {
  const shown = withoutCredentials(written);
  const wrong = (problem: string): Failure => failure("target-invalid", { target: shown, problem });
  const [, scheme, rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(written) ?? [];
  if (/[^\x20-\x7e]/.test(written)) throw wrong("it holds a character that cannot stand there");
  if (scheme === undefined) throw wrong(withoutScheme(written));
  const { definition, target } = definitionFor(scheme, wrong);
  if (shown !== written) {
    throw wrong("credentials have no place in it, where every process list shows them; they come from the environment");
  }
  const artifact = target.parse(rest);
  if (typeof artifact === "string") throw wrong(artifact);
  const options = target.fromEnvironment(environment);
  if (typeof options === "string") throw failure("target-environment", { target: shown, problem: options });
  return { definition, options, artifact };
}

/** User and password before the host's place. */
function withoutCredentials(text: string): string {
  return text.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^/]*@/, "$1…@");
}

function withoutScheme(written: string): string {
  const path = /^[./~]/.test(written);
  return path ? `a folder is written file:${written}` : `it begins with none of ${schemes().join(", ")}`;
}

function schemes(): readonly string[] {
  return repositories.all.flatMap(({ target }) => (target === undefined ? [] : [`${target.scheme}:`]));
}

function definitionFor(scheme: string, wrong: (problem: string) => Failure) {
  for (const definition of repositories.all) {
    const { target } = definition;
    if (target?.scheme === scheme) return { definition, target };
  }
  const known = schemes().map((one) => one.slice(0, -1));
  if (/^https?$/.test(scheme)) throw wrong("nothing can be published over http; name the store behind it");
  const hint = nearest(scheme, known) === undefined ? `; known are ${known.join(", ")}` : didYouMean(scheme, known);
  throw wrong(`"${scheme}" is no kind of store${hint.replace(/\?$/, "")}`);
}
