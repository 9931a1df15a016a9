import { defineDriver } from "../driver.ts";
import type { ArchiveFormat, UnpackPorts } from "./unpacking/format.ts";
import { unpackTar } from "./unpacking/tar-stream.ts";
import { unbzip2 } from "./unpacking/unbzip2.ts";

export const tarBz2: ArchiveFormat = {
  ...defineDriver({
    name: "tar.bz2",
    summary: "A tar archive packed with bzip2; the slowest to unpack.",
    options: {},
    create: (_options, ports: UnpackPorts) => ({ unpack: () => unpackTar(ports, unbzip2(ports.source)) }),
  }),
  contentTypes: [
    "application/x-bzip2",
    "application/bzip2",
    "application/x-bzip",
    "application/x-bzip2-compressed-tar",
  ],
  recognises: (head) => /^BZh[1-9]/.test(head.toString("latin1", 0, 4)),
};
