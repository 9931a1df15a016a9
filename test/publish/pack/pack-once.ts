/** Packs a folder in a process of its own: `node pack-once.ts <folder> <scratch> <format> [<uid>]`; prints its digests, or what is wrong, as JSON. */
import { asFailure } from "../../../src/domain/failures/failure.ts";
import { defaultLimits } from "../../../src/domain/service.ts";
import type { PackFormat, PrepareRequest } from "../../../src/publish/pack/artifact.ts";
import { packFolder } from "../../../src/publish/pack/pack-folder.ts";
import { createScratchFile } from "../../../src/publish/pack/scratch-file.ts";

const [source = "", scratch = "", format = "", uid] = process.argv.slice(2);
if (uid !== undefined) {
  process.setgroups?.([]);
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}
const refused: unknown[] = [];
const request: PrepareRequest = {
  source,
  scratch,
  format: format as PackFormat,
  limits: defaultLimits,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onRefused: (all) => refused.push(...all.map(({ path, code, sentence }) => ({ path, code, sentence }))),
};
try {
  await using file = await createScratchFile(scratch);
  const { tree } = await packFolder(source, file, request);
  const { sha256 } = await file.finish();
  console.log(JSON.stringify({ sha256, tree }));
} catch (error) {
  console.log(JSON.stringify({ code: asFailure(error).code, refused }));
}
