import { readFile } from "node:fs/promises";
import { failure } from "../domain/failures/failure.ts";

/** The private authorities that a server is trusted by. */
export interface Authorities {
  /** PEM text; undefined: the built-in ones are trusted. Throws "authority-unreadable". */
  read(): Promise<string | undefined>;
}

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
  try {
    const pem = await readFile(path, "utf8");
    if (/-----BEGIN CERTIFICATE-----/.test(pem)) return pem;
  } catch (error) {
    throw failure("authority-unreadable", { path, reason: String((error as NodeJS.ErrnoException).code) }, error);
  }
  throw failure("authority-unreadable", { path, reason: "it holds no certificate in PEM" });
}
