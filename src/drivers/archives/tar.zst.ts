import { defineDriver } from "../driver.ts";
import { unzstd } from "./unpacking/decompress.ts";
import type { ArchiveFormat, UnpackPorts } from "./unpacking/format.ts";
import { unpackTar } from "./unpacking/tar-stream.ts";

export const tarZst: ArchiveFormat = {
  ...defineDriver({
    name: "tar.zst",
    summary: "A tar archive packed with zstd; the quickest to unpack.",
    options: {},
    create: (_options, ports: UnpackPorts) => ({ unpack: () => unpackTar(ports, unzstd(ports.source)) }),
  }),
  contentTypes: ["application/zstd", "application/x-zstd", "application/x-zstd-compressed-tar"],
  recognises: (head) => {
    if (head.length < 4) return false;
    const magic = head.readUInt32LE(0);
    return magic === 0xfd2fb528 || (magic >= 0x184d2a50 && magic <= 0x184d2a5f);
  },
};
