import { objectFolderContract } from "../../contracts/object-folder-contract.ts";
import { startCeph } from "../../servers/ceph.ts";
import { administer } from "../stores/buckets.ts";
import { followedObject, openedBucket } from "./s3-world.ts";

const mebibyte = 1024 * 1024;

for (const version of ["20"] as const) {
  objectFolderContract(`s3 (Ceph ${version})`, async () => {
    const ceph = await startCeph({ version });
    await administer(ceph.endpoint, ceph, "PUT", "/bucket");
    return {
      folder: (name) => openedBucket(ceph, name),
      repository: (key, name) => followedObject(ceph, key, name),
      lengths: [0, 10, 16 * mebibyte, 40 * mebibyte + 1],
      [Symbol.asyncDispose]: () => ceph.stop(),
    };
  });
}
