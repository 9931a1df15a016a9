import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { asFailure } from "../../domain/failures/failure.ts";
import type { ServiceDeclaration } from "../../domain/service.ts";
import { formatSize } from "../../domain/size.ts";
import type { Repository } from "../../drivers/repositories/repository.ts";
import { type Check, failed, failedWith, ok, type Verdict, warning } from "./finding.ts";

/** Credentials, the address and the right to read, by what an update would do: ask, and take the first bytes. */
export function repositoryCheck(service: ServiceDeclaration, create: () => Repository): Check {
  return { name: "repository", service: service.name, deadline: 30_000, run: (signal) => tryArtifact(create, signal) };
}

async function tryArtifact(create: () => Repository, signal: AbortSignal): Promise<Verdict> {
  let repository: Repository | undefined;
  try {
    repository = create();
    const answer = await repository.check(undefined, signal);
    if (answer.outcome === "unchanged")
      return failed(
        `${repository.artifact} is said to be unchanged by a store that was not told since when.`,
        "Look at what stands between this host and the store.",
      );
    const body = await repository.open(answer.marker, 0, signal);
    for await (const _bytes of body.chunks) break;
    const size = body.total ?? answer.marker.size;
    return ok(`${repository.artifact} is there and can be read${size === undefined ? "" : ` (${formatSize(size)})`}.`);
  } catch (thrown) {
    signal.throwIfAborted();
    return failedWith(asFailure(thrown).note);
  } finally {
    repository?.close();
  }
}

/** Scripts that are named by their whole path; the others are found by bash, in a release that may not be there yet. */
export function hookCheck(service: ServiceDeclaration): Check | undefined {
  const commands = service.hooks.filter(({ driver }) => driver === "script").map(({ options }) => options["command"]);
  const programs = new Set(
    commands.flatMap((command) => /^\/[^\s;|&<>()$`"'\\{*?]+(?=\s|$)/.exec(String(command)) ?? []),
  );
  if (programs.size === 0) return undefined;
  return { name: "hooks", service: service.name, deadline: 10_000, run: () => lookFor([...programs]) };
}

async function lookFor(programs: readonly string[]): Promise<Verdict> {
  const missing: string[] = [];
  for (const program of programs) await access(program, constants.X_OK).catch(() => missing.push(program));
  if (missing.length > 0)
    return warning(
      `What a hook is to run cannot be run now: ${missing.join(", ")}.`,
      "Install it, or mend the path; if the release brings it, there is nothing to do.",
    );
  return ok(`What hooks name by its path is there: ${programs.join(", ")}.`);
}
