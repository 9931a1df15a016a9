import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { repositories } from "../../../src/drivers/repositories/registry.ts";
import { made, makeWorld } from "./world.ts";

/**
 * A process of its own that downloads once, for tests that break its disk or kill it:
 * `node fetch-once.ts <driver> <artifact options as JSON> <file>`. Prints "progress <bytes>", then the digest or the
 * failure's code, then the names that are left beside the file.
 */
const [driver, artifact, file] = process.argv.slice(2) as [string, string, string];
await using world = await makeWorld();
const repository = made(repositories.find(driver)!, {}, JSON.parse(artifact), world.ports);
const signal = new AbortController().signal;
const answer = await repository.check(undefined, signal);
if (answer.outcome === "unchanged") throw new Error("nothing to download");
const onProgress = (done: number) => console.log(`progress ${done}`);
try {
  const { digest } = await world.download(repository, { marker: answer.marker, file, limit: 1e9, signal, onProgress });
  console.log(digest);
} catch (error) {
  console.log(error instanceof Failure ? error.code : String(error));
}
console.log(`left: ${(await readdir(dirname(file))).join(" ")}`);
