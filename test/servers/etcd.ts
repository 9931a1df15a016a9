import { type Certificates, certificatesIn } from "./certificates.ts";
import { type Place, type Server, startScript, startScriptAt } from "./server.ts";

export interface Etcd extends Server {
  /** Of the processes "etcd0", "etcd1", …, in this order. */
  readonly endpoints: readonly string[];
}

export async function startEtcd(): Promise<Etcd> {
  const { server, value } = await startScript("etcd");
  return { ...server, endpoints: value("ENDPOINTS").split(" ") };
}

/** Everybody has to log in. */
export async function startGuardedEtcd(): Promise<Etcd & { readonly root: Login; readonly host: Login }> {
  const { server, value } = await startScript("etcd", "auth");
  return {
    ...server,
    endpoints: value("ENDPOINTS").split(" "),
    root: { user: "root", password: "rootpw" },
    host: { user: "host", password: "hostpw" },
  };
}

/** `host` may read and write below "dropship/" and nothing else. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Wants a certificate of whoever asks. */
export async function startSecureEtcd(): Promise<Etcd & { readonly certificates: Certificates }> {
  const { server, value } = await startScript("etcd", "tls");
  return {
    ...server,
    endpoints: value("ENDPOINTS").split(" "),
    certificates: certificatesIn(value("CERTIFICATES")),
  };
}

export interface EtcdCluster extends Etcd {
  /** The place of the present leader among the endpoints. */
  leader(): Promise<number>;
}

/** Three members. */
export async function startEtcdCluster(place: Place = {}): Promise<EtcdCluster> {
  const { server, value } = await startScriptAt(place, "etcd", "3");
  const endpoints = value("ENDPOINTS").split(" ");
  return {
    ...server,
    endpoints,
    async leader() {
      const answers = await Promise.all(endpoints.map(statusOf));
      return answers.findIndex(({ leader, header }) => leader === header.member_id);
    },
  };
}

async function statusOf(endpoint: string): Promise<{ leader: string; header: { member_id: string } }> {
  const signal = AbortSignal.timeout(5000);
  const answer = await fetch(`${endpoint}/v3/maintenance/status`, { method: "POST", body: "{}", signal });
  return (await answer.json()) as { leader: string; header: { member_id: string } };
}
