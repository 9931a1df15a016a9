import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DownloadRules, downloadRules } from "../../../src/domain/download-rules.ts";
import { createDownload } from "../../../src/drivers/repositories/download.ts";
import type { Download, Repository, RepositoryPorts } from "../../../src/drivers/repositories/repository.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { createHttpClient, type HttpLimits } from "../../../src/platform/http.ts";
import type { Logger } from "../../../src/platform/ports.ts";
import { systemRandom } from "../../../src/platform/random.ts";

/** The real ports, and what was logged through them. */
export interface World extends AsyncDisposable {
  readonly ports: RepositoryPorts;
  readonly download: Download;
  /** Every log line, as JSON. */
  readonly lines: string[];
  /** A folder of its own. */
  readonly folder: string;
}

export interface WorldOptions {
  readonly limits?: Partial<HttpLimits>;
  readonly rules?: Partial<DownloadRules>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Tries that come quickly after one another, so that a test takes no longer than it must. */
const quick = { first: 20, cap: 100, tries: 4, longestAsked: 2000 };

export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const lines: string[] = [];
  const logger: Logger = {
    log: (level, event, fields) => lines.push(JSON.stringify({ level, event, ...fields })),
    with: () => logger,
  };
  const client = createHttpClient({ connect: 20_000, head: 30_000, gap: 30_000, ...options.limits });
  const folder = await mkdtemp(join(tmpdir(), "dropship-repository-"));
  const ports = {
    http: client,
    clock: systemClock,
    random: systemRandom,
    logger,
    environment: options.environment ?? {},
  };
  return {
    ports,
    download: createDownload(ports, { ...downloadRules, deadline: 60_000, retries: quick, ...options.rules }),
    lines,
    folder,
    async [Symbol.asyncDispose]() {
      client.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A repository as the configuration would make it: options that are not named are undefined, or have their default. */
export function made<Definition extends { readonly options: object; readonly artifact: object }>(
  definition: Definition & { create(options: never, artifact: never, ports: RepositoryPorts): Repository },
  options: Readonly<Record<string, unknown>>,
  artifact: Readonly<Record<string, unknown>>,
  ports: RepositoryPorts,
): Repository {
  return definition.create(filled(definition.options, options), filled(definition.artifact, artifact), ports);
}

function filled(schema: object, given: Readonly<Record<string, unknown>>): never {
  const defaults = Object.entries(schema).map(([name, option]) => [name, (option as { default?: unknown }).default]);
  return { ...Object.fromEntries(defaults), ...given } as never;
}
