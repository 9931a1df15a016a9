import { defineDriver } from "../driver.ts";
import type { ArchiveFormat, UnpackPorts } from "./unpacking/format.ts";

export const zip: ArchiveFormat = {
  ...defineDriver({
    name: "zip",
    summary: "A zip archive: stored and deflated entries, zip64 too. Packages such as .jar stay the file they are.",
    options: {},
    create: (_options, ports: UnpackPorts) => ({
      // Only an agent that meets a zip pays for the library.
      unpack: async () => (await import("./unpacking/zip-reader.ts")).unpackZip(ports),
    }),
  }),
  contentTypes: ["application/zip", "application/x-zip", "application/x-zip-compressed", "application/zip-compressed"],
  recognises: (head) => {
    if (head.length < 22) return false;
    const magic = head.readUInt32LE(0);
    // The second one is the end record, which is all that an empty zip has.
    return magic === 0x04034b50 || magic === 0x06054b50;
  },
};
