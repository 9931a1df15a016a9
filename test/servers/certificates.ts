import { join } from "node:path";

/** Paths of the files that scripts/certificates.sh makes. */
export interface Certificates {
  /** Of the authority that signed the server's and the client's. */
  readonly ca: string;
  readonly client: { readonly cert: string; readonly key: string };
  /** Of a client that the server's authority does not know. */
  readonly stranger: { readonly cert: string; readonly key: string };
}

export function certificatesIn(folder: string): Certificates {
  const pair = (name: string) => ({ cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) });
  return { ca: join(folder, "ca.pem"), client: pair("client"), stranger: pair("stranger") };
}
