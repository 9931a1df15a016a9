import { dirname, resolve } from "node:path";
import type { RawValue } from "../domain/options.ts";
import type { DecodeContext } from "./decode-context.ts";
import type { CallValue, Value } from "./hcl/syntax-tree.ts";
import { openedProblem, permissionProblem } from "./permissions.ts";

/** A key file is a line, not a document. */
const longestKeyFile = 64 * 1024;

export interface Resolved {
  readonly raw: RawValue;
  /** It came from the environment or a file and must not be shown. */
  readonly secret: boolean;
}

/** The value with `env()` and `file()` filled in; `undefined` after something was reported. */
export function resolveValue(context: DecodeContext, value: Value): Resolved | undefined {
  switch (value.kind) {
    case "text":
      return { raw: value.text, secret: false };
    case "number":
      return { raw: value.number, secret: false };
    case "flag":
      return { raw: value.flag, secret: false };
    case "call":
      return concealed(context, value.name === "env" ? readVariable(context, value) : readKeyFile(context, value));
    case "list": {
      const items = value.values.map((item) => resolveValue(context, item));
      if (!everyOne(items)) return undefined;
      return { raw: items.map(({ raw }) => raw), secret: items.some(({ secret }) => secret) };
    }
    case "object": {
      const names = value.items.map(({ keys: [key] }) => key.name);
      const items = value.items.map((item) => resolveValue(context, item.value));
      if (!everyOne(items)) return undefined;
      const entries = items.map(({ raw }, at) => [names[at] ?? "", raw] as const);
      return { raw: Object.fromEntries(entries), secret: items.some(({ secret }) => secret) };
    }
  }
}

function concealed({ secrets }: DecodeContext, resolved: Resolved | undefined): Resolved | undefined {
  if (typeof resolved?.raw === "string") secrets.add(resolved.raw);
  return resolved;
}

function everyOne(items: (Resolved | undefined)[]): items is Resolved[] {
  return items.every((item) => item !== undefined);
}

function readVariable({ source, reporter, ports }: DecodeContext, call: CallValue): Resolved | undefined {
  const raw = Object.hasOwn(ports.environment, call.argument) ? ports.environment[call.argument] : undefined;
  if (raw !== undefined) return { raw, secret: true };
  reporter.error(source, call.span, {
    message: `the environment variable ${call.argument} is not set`,
    remedy: "Set it for the agent (for systemd: Environment= or EnvironmentFile=) and for this command.",
  });
  return undefined;
}

function readKeyFile({ source, reporter, ports }: DecodeContext, call: CallValue): Resolved | undefined {
  const path = resolve(dirname(source.file), call.argument);
  const refuse = (message: string, remedy?: string): undefined => {
    reporter.error(source, call.span, { message, ...(remedy === undefined ? {} : { remedy }) });
    return undefined;
  };
  const problem = permissionProblem(path, ports);
  if (problem) return refuse(problem.message, problem.remedy);
  const answer = ports.read(path, longestKeyFile);
  if ("problem" in answer) return refuse(`the file ${path} cannot be read: ${answer.problem}`);
  const distrust = openedProblem(path, answer.facts, ports);
  if (distrust) return refuse(distrust.message, distrust.remedy);
  if (answer.bytes.length > longestKeyFile) return refuse(`the file ${path} is larger than 64 KiB`);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(answer.bytes);
    return { raw: text.replace(/\r?\n$/, ""), secret: true };
  } catch {
    return refuse(`the file ${path} is not UTF-8 text`);
  }
}
