import { type Server, startScript } from "./server.ts";

export interface Nginx extends Server {
  /** `http://127.0.0.1:port`; scripts/nginx.sh lists its special folders (/slow/, /auth/, /flaky/, …). */
  readonly endpoint: string;
  /** The folder it serves. */
  readonly www: string;
}

export interface SecureNginx extends Nginx {
  readonly secureEndpoint: string;
  /** Path of the self-signed certificate, in PEM. */
  readonly certificate: string;
}

export async function startNginx(): Promise<Nginx> {
  const { server, value } = await startScript("nginx");
  return { ...server, endpoint: value("ENDPOINT"), www: value("WWW") };
}

/** Listens with and without TLS. */
export async function startSecureNginx(): Promise<SecureNginx> {
  const { server, value } = await startScript("nginx", "tls");
  return {
    ...server,
    endpoint: value("ENDPOINT"),
    www: value("WWW"),
    secureEndpoint: value("SECURE_ENDPOINT"),
    certificate: value("CERTIFICATE"),
  };
}
