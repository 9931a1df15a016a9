import { defineDriver } from "../driver.ts";
import type { ArchiveFormat, UnpackPorts } from "./unpacking/format.ts";
import type { Source } from "./unpacking/source.ts";
import { looksLikeTar } from "./unpacking/tar-header.ts";
import { unpackTar } from "./unpacking/tar-stream.ts";

export const tar: ArchiveFormat = {
  ...defineDriver({
    name: "tar",
    summary: "A tar archive: ustar, pax, GNU or v7.",
    options: {},
    create: (_options, ports: UnpackPorts) => ({ unpack: () => unpackTar(ports, plain(ports.source)) }),
  }),
  contentTypes: ["application/x-tar", "application/tar", "application/x-gtar", "application/x-ustar"],
  recognises: (head) => looksLikeTar(head.subarray(0, 512)),
};

async function* plain(source: Source): AsyncGenerator<Buffer> {
  for (let bytes = source.read(); bytes !== undefined; bytes = source.read()) yield bytes;
}
