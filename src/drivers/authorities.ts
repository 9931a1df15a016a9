import { failure } from "../domain/failures/failure.ts";
import { readPem } from "./pem-file.ts";

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
      if (path === undefined) return undefined;
      text ??= await readPem(path, "CERTIFICATE", (reason, cause) =>
        failure("authority-unreadable", { path, reason }, cause),
      );
      return text;
    },
  };
}
