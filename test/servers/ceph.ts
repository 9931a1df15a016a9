import { type Place, type Server, startScriptAt } from "./server.ts";

/** A real S3 store, empty. Processes: mon, osd, gateway; pause "osd" to let requests hang. */
export interface Ceph extends Server {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  /** Of the user "guest", who may do nothing in buckets of the other but what their policies say. */
  readonly guest: { readonly accessKey: string; readonly secretKey: string };
}

/** "20": close to AWS. "16": the old and quirky S3-compatible store. */
export async function startCeph(options: { readonly version: "20" | "16" } & Place): Promise<Ceph> {
  const { server, value } = await startScriptAt(options, "ceph", options.version);
  return {
    ...server,
    endpoint: value("ENDPOINT"),
    accessKey: "testkey",
    secretKey: "testsecret",
    region: "us-east-1",
    guest: { accessKey: "guestkey", secretKey: "guestsecret" },
  };
}
