import { type Certificates, certificatesIn } from "./certificates.ts";
import { type Place, type Server, startScript, startScriptAt } from "./server.ts";

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

/** One agent that speaks TLS only and wants a certificate of whoever asks. */
export async function startSecureConsul(): Promise<Consul & { readonly certificates: Certificates }> {
  const { server, value } = await startScript("consul", "tls");
  return { ...server, endpoint: value("ENDPOINT"), certificates: certificatesIn(value("CERTIFICATES")) };
}

export interface ConsulCluster extends Server {
  /** Of the processes "consul0", "consul1" and "consul2", in this order. */
  readonly endpoints: readonly string[];
  /** The place of the present leader among them. */
  leader(): Promise<number>;
}

/** Three servers with their data on disk. */
export async function startConsulCluster(place: Place = {}): Promise<ConsulCluster> {
  const { server, value } = await startScriptAt(place, "consul", "3");
  const endpoints = value("ENDPOINTS").split(" ");
  return {
    ...server,
    endpoints,
    async leader() {
      const states = await Promise.all(endpoints.map(raftState));
      const found = states.indexOf("Leader");
      if (found < 0) throw new Error(`no leader among ${states.join(", ")}`);
      return found;
    },
  };
}

async function raftState(endpoint: string): Promise<string> {
  const answer = await fetch(`${endpoint}/v1/agent/self`, { signal: AbortSignal.timeout(5000) });
  const self = (await answer.json()) as { readonly Stats: { readonly raft: { readonly state: string } } };
  return self.Stats.raft.state;
}
