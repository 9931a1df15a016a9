import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { Failure } from "../domain/failures/failure.ts";

/** All public authorities of the world fit into a tenth of this. */
const longest = 4 * 1024 * 1024;

/** The text of a file in PEM that holds a `kind` ("CERTIFICATE", "PRIVATE KEY"); throws what `refused` makes of the reason. */
export async function readPem(
  path: string,
  kind: string,
  refused: (reason: string, cause?: unknown) => Failure,
): Promise<string> {
  try {
    // O_NONBLOCK: a pipe or a device in its place must neither hold up the check nor be read without end.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) throw refused("it is no regular file");
    if (stats.size > longest) throw refused("it is larger than 4 MiB");
    const pem = await handle.readFile("utf8");
    if (new RegExp(`-----BEGIN (?:[A-Z]+ )?${kind}-----`).test(pem)) return pem;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw refused(String((error as NodeJS.ErrnoException).code), error);
  }
  throw refused(`it holds no ${kind.toLowerCase()} in PEM`);
}
