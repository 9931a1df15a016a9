import { after } from "node:test";
import { startCeph } from "../../servers/ceph.ts";
import { besideObject, curl } from "./buckets.ts";
import { commonPromises } from "./common-promises.ts";
import { httpFaults } from "./http-faults.ts";

const ceph = await startCeph({ version: "20" });
after(() => ceph.stop());
await curl(ceph.endpoint, ceph, "/bucket", "-X", "PUT");

commonPromises("a bucket (Ceph 20)", () => besideObject(ceph.endpoint, ceph));
httpFaults(
  "a bucket (Ceph 20)",
  () => ceph.endpoint,
  (endpoint, ports) => besideObject(endpoint, ceph, "bucket", ports),
);
