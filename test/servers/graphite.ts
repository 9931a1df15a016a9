import { type Server, startScript } from "./server.ts";

/** graphite-web: `POST <endpoint>/events/`, `GET <endpoint>/events/get_data`. */
export interface Graphite extends Server {
  readonly endpoint: string;
}

export async function startGraphite(): Promise<Graphite> {
  const { server, value } = await startScript("graphite");
  return { ...server, endpoint: value("ENDPOINT") };
}
