import { test } from "node:test";
import { startCeph } from "../servers/ceph.ts";
import { walkThrough } from "./walk-through.ts";

for (const version of ["20", "16"] as const) {
  test(`the S3 page can be followed word by word with Ceph ${version}`, async () => {
    await using ceph = await startCeph({ version });

    await walkThrough("docs/guide/s3.md", {
      S3_ENDPOINT: ceph.endpoint,
      AWS_ACCESS_KEY_ID: ceph.accessKey,
      AWS_SECRET_ACCESS_KEY: ceph.secretKey,
      AWS_REGION: ceph.region,
    });
  });
}
