// A process that installs what it is told to, over and over, as a running agent does: download into a file, unpack beside.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { unpack } from "../src/drivers/archives/unpacking/unpack.ts";
import { createDownload } from "../src/drivers/repositories/download.ts";
import { http } from "../src/drivers/repositories/http.ts";
import { systemClock } from "../src/platform/clock.ts";
import { createHttpClient } from "../src/platform/http.ts";
import { createLogger } from "../src/platform/logger.ts";
import { systemRandom } from "../src/platform/random.ts";
import { memory } from "./measure.ts";

export interface InstallOrder {
  readonly url: string;
  readonly folder: string;
  readonly sync: boolean;
}

export interface InstallReport {
  readonly milliseconds: number;
  /** User and system time of all threads; of the processes that it starts not. */
  readonly processor: number;
  /** The most memory that the process ever had, in MB. */
  readonly peak: number;
}

const ports = {
  http: createHttpClient(),
  clock: systemClock,
  random: systemRandom,
  logger: createLogger({ level: "warn", format: "text" }),
  environment: {},
};
const download = createDownload(ports);
const never = new AbortController().signal;
const limits = { unpackedSize: 2 ** 40, entries: 1e6, depth: 64, ratio: 1000 };

async function install({ url, folder, sync }: InstallOrder): Promise<InstallReport> {
  const begin = performance.now();
  const before = process.cpuUsage();
  const file = join(folder, "download");
  const release = join(folder, "release");
  await mkdir(release, { recursive: true });
  const repository = http.create(
    { url: undefined, user: undefined, password: undefined, token: undefined, ca: undefined, insecure: false },
    { url, path: undefined },
    ports,
  );
  const answer = await repository.check(undefined, never);
  if (answer.outcome !== "found") throw new Error("there is nothing to install");
  const request = { marker: answer.marker, file, limit: 2 ** 40, signal: never, onProgress: () => undefined };
  await download(repository, request);
  await unpack(
    { file, folder: release, contentTypeOverrules: false, fileName: "artifact", limits, sync },
    never,
    () => undefined,
  );
  await rm(file);
  repository.close();
  const milliseconds = performance.now() - begin;
  const { user, system } = process.cpuUsage(before);
  return { milliseconds, processor: (user + system) / 1000, peak: memory(process.pid, "VmHWM") };
}

process.on("message", (order: InstallOrder) => {
  install(order).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
