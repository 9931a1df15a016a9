import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { Failure, failure } from "../domain/failures/failure.ts";

/** The private authorities that a server is trusted by. */
export interface Authorities {
  /** PEM text; undefined: the built-in ones are trusted. Throws "authority-unreadable". */
  read(): Promise<string | undefined>;
}

/** All public authorities of the world fit into a tenth of this. */
const longest = 4 * 1024 * 1024;

/** Those in the file at `path`, read when first needed. */
export function authoritiesIn(path: string | undefined): Authorities {
  let text: string | undefined;
  return {
    async read() {
      if (path !== undefined) text ??= await readAuthorities(path);
      return text;
    },
  };
}

async function readAuthorities(path: string): Promise<string> {
  const refused = (reason: string, cause?: unknown) => failure("authority-unreadable", { path, reason }, cause);
  try {
    // O_NONBLOCK: a pipe or a device in its place must neither hold up the check nor be read without end.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) throw refused("it is no regular file");
    if (stats.size > longest) throw refused("it is larger than 4 MiB");
    const pem = await handle.readFile("utf8");
    if (/-----BEGIN CERTIFICATE-----/.test(pem)) return pem;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw refused(String((error as NodeJS.ErrnoException).code), error);
  }
  throw refused("it holds no certificate in PEM");
}
