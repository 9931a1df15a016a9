import { defineDriver } from "../driver.ts";
import { gunzip } from "./unpacking/decompress.ts";
import type { ArchiveFormat, UnpackPorts } from "./unpacking/format.ts";
import { unpackTar } from "./unpacking/tar-stream.ts";

export const tarGz: ArchiveFormat = {
  ...defineDriver({
    name: "tar.gz",
    summary: "A tar archive packed with gzip.",
    options: {},
    create: (_options, ports: UnpackPorts) => ({ unpack: () => unpackTar(ports, gunzip(ports.source)) }),
  }),
  contentTypes: [
    "application/gzip",
    "application/x-gzip",
    "application/octet-stream",
    "application/x-tgz",
    "application/x-compressed-tar",
    "gzip",
    "x-gzip",
    "octet-stream",
  ],
  recognises: (head) => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8,
};
