import type { Reporter } from "./diagnostic.ts";
import { type Source, sourceOf } from "./hcl/source.ts";
import { openedProblem } from "./permissions.ts";
import type { ConfigPorts } from "./ports.ts";

/** No configuration is larger; a log or an archive under the wrong name is. */
const largestFile = 1024 * 1024;

/** The text of a configuration file; `undefined` after it was refused. A byte order mark is taken off. */
export function readSource(file: string, ports: ConfigPorts, notes: Reporter): Source | undefined {
  const answer = ports.read(file, largestFile);
  if ("problem" in answer) {
    const remedy =
      'Write it ("dropship explain" shows what it holds), run this as its owner (sudo), or name another with --config.';
    notes.refuse(file, { message: `cannot be read: ${answer.problem}`, remedy });
    return undefined;
  }
  const distrust = openedProblem(file, answer.facts, ports);
  if (distrust !== undefined) {
    notes.refuse(file, distrust);
    return undefined;
  }
  if (answer.bytes.length > largestFile) {
    notes.refuse(file, { message: "is larger than 1 MiB", expected: "a configuration file" });
    return undefined;
  }
  const text = new TextDecoder("utf-8").decode(answer.bytes);
  const source = sourceOf(file, text);
  const nul = text.indexOf("\0");
  if (nul !== -1) {
    notes.error(source, { start: nul, end: nul + 1 }, { message: "the file holds a NUL character", expected: "text" });
    return undefined;
  }
  const broken = isUtf8(answer.bytes) ? -1 : text.indexOf("\ufffd");
  if (broken === -1) return source;
  const complaint = { message: "the file is not UTF-8 text from here on", expected: "UTF-8 (iconv converts)" };
  notes.error(source, { start: broken, end: broken + 1 }, complaint);
  return undefined;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
