import { defineDriver } from "../driver.ts";
import type { ArchiveFormat, UnpackPorts } from "./unpacking/format.ts";

export const file: ArchiveFormat = {
  ...defineDriver({
    name: "file",
    summary: "A plain file: laid down as it is, with mode 0644 unless the artifact block says otherwise.",
    options: {},
    create: (_options, ports: UnpackPorts) => ({ unpack: () => copy(ports) }),
  }),
  contentTypes: [],
  recognises: () => true,
};

async function copy({ request, source, landing }: UnpackPorts): Promise<boolean> {
  const about = { name: request.fileName, offset: 0, size: source.size, target: "" };
  landing.begin({ ...about, kind: "file", executable: false, modified: undefined });
  source.rewind();
  for (let bytes = source.read(); bytes !== undefined; bytes = source.read()) landing.data(bytes);
  landing.end();
  return true;
}
