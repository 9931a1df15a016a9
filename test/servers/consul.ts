import { type Server, startScript } from "./server.ts";

export interface Consul extends Server {
  readonly endpoint: string;
  /** With `acl`: the token that may do everything; without a token everything is denied. */
  readonly token?: string;
}

/** One Consul agent in memory. */
export async function startConsul(options: { readonly acl?: boolean } = {}): Promise<Consul> {
  if (!options.acl) {
    const { server, value } = await startScript("consul");
    return { ...server, endpoint: value("ENDPOINT") };
  }
  const { server, value } = await startScript("consul", "acl");
  return { ...server, endpoint: value("ENDPOINT"), token: value("TOKEN") };
}
