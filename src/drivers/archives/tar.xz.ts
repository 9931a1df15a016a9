import { defineDriver } from "../driver.ts";
import type { ArchiveFormat, UnpackPorts } from "./unpacking/format.ts";
import { unpackTar } from "./unpacking/tar-stream.ts";

const magic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

export const tarXz: ArchiveFormat = {
  ...defineDriver({
    name: "tar.xz",
    summary: "A tar archive packed with xz, window up to 64 MiB (xz -9). Slower to unpack than zstd at a similar size.",
    options: {},
    create: (_options, ports: UnpackPorts) => ({
      unpack: async () => unpackTar(ports, (await import("./unpacking/unxz.ts")).unxz(ports.source)),
    }),
  }),
  contentTypes: ["application/x-xz", "application/xz", "application/x-xz-compressed-tar"],
  recognises: (head) => head.subarray(0, magic.length).equals(magic),
};
