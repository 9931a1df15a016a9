import { failure } from "../domain/failures/failure.ts";
import { name } from "../domain/options.ts";
import type { ClientCertificate } from "../platform/ports.ts";
import { readPem } from "./pem-file.ts";

/** The certificate that this host shows to a server. */
export interface OwnCertificate {
  /** Undefined: it shows none. Throws "client-certificate-unreadable". */
  read(): Promise<ClientCertificate | undefined>;
}

/** What a driver offers whose server may ask who is there. */
export const clientCertificateOptions = {
  cert: name({
    summary: "A file with the certificate (PEM) that this host shows to the server; needs `key`.",
    example: "/etc/dropship/host.pem",
  }),
  key: name({
    summary: "The file with the private key (PEM, without a password) of `cert`.",
    example: "/etc/dropship/host.key",
  }),
};

/** That of the files `cert` and `key`. They are read anew after a minute at the latest: such certificates are short-lived. */
export function clientCertificateIn(
  { cert, key }: { readonly cert: string | undefined; readonly key: string | undefined },
  monotonic: () => number,
): OwnCertificate {
  let kept: { readonly value: ClientCertificate; readonly until: number } | undefined;
  return {
    async read() {
      if (cert === undefined && key === undefined) return undefined;
      if (kept !== undefined && monotonic() < kept.until) return kept.value;
      const value = { certificate: await readOne(cert, "CERTIFICATE"), key: await readOne(key, "PRIVATE KEY") };
      kept = { value, until: monotonic() + 60_000 };
      return value;
    },
  };
}

function readOne(path: string | undefined, kind: string): Promise<string> {
  const named = path ?? (kind === "CERTIFICATE" ? "cert" : "key");
  const refused = (reason: string, cause?: unknown) =>
    failure("client-certificate-unreadable", { path: named, reason }, cause);
  if (path === undefined) throw refused("it is not set, though the other one is");
  return readPem(path, kind, refused);
}
