import { didYouMean } from "./did-you-mean.ts";
import { failure } from "./failures/failure.ts";

/** What `{{.Name}}` and the other fields of a template stand for. */
export type TemplateData = Readonly<Record<string, string | number | boolean | Readonly<Record<string, string>>>>;

/** Every field that a template may name, and what it says; `.Artifact` has fields of its own. */
export const templateFields = {
  Name: "the service",
  Hostname: "this host",
  Hash: "the digest of the new release",
  CheckInterval: "how often the service is checked",
  UpdateTTL: "how long a new release is watched",
  Sequential: "whether hosts are to be updated one at a time",
  Artifact: "a setting of the artifact block: {{.Artifact.bucket}}",
  Version: "the version of the new release, if it has one",
  PreviousHash: "the digest of the release before",
  PreviousVersion: "the version of the release before, if it has one",
  Channel: "the channel that is followed, if any",
  Destination: "the path that the application runs from",
  Outcome: "how the update ended, in success and failure hooks",
  Error: "what went wrong, in failure hooks",
  Attempt: "which attempt at this release it is",
} as const satisfies Readonly<Record<string, string>>;

type Part = string | readonly [field: string, ...keys: string[]];

/** A template that was understood: texts, and paths of fields to be filled in. */
export type Template = readonly Part[];

/** What is wrong in a template: an offset into its text, and how many letters are meant. */
export interface TemplateFault {
  readonly at: number;
  readonly length: number;
  readonly message: string;
}

/**
 * Reads the part of Go's template syntax that Dropship fills in: fields, `.Artifact.key`, `index .Artifact "key"`, texts,
 * comments and trim markers. `artifactKeys`: what `.Artifact` has, when that is known.
 */
export function parseTemplate(
  text: string,
  artifactKeys?: Iterable<string>,
): { readonly template: Template } | { readonly fault: TemplateFault } {
  const parts: Part[] = [];
  let at = 0;
  let trim = false;
  while (at <= text.length) {
    const open = text.indexOf("{{", at);
    const plain = text.slice(at, open === -1 ? text.length : open);
    const begun = trim ? plain.replace(/^[ \t\r\n]+/, "") : plain;
    if (open === -1) return { template: joined([...parts, begun]) };
    const action = readAction(text, open, artifactKeys);
    if ("message" in action) return { fault: action };
    parts.push(action.trimBefore ? begun.replace(/[ \t\r\n]+$/, "") : begun);
    if (action.part !== undefined) parts.push(action.part);
    trim = action.trimAfter;
    at = action.end;
  }
  return { template: joined(parts) };
}

function joined(parts: readonly Part[]): Template {
  return parts.filter((part) => part !== "");
}

/** Fills a template in; what `data` does not have becomes nothing. A text that is no template is a failure. */
export function renderTemplate(template: Template | string, data: TemplateData): string {
  return understood(template)
    .map((part) => (typeof part === "string" ? part : lookUp(data, part)))
    .join("");
}

function understood(template: Template | string): Template {
  if (typeof template !== "string") return template;
  const parsed = parseTemplate(template);
  if ("template" in parsed) return parsed.template;
  throw failure("template-invalid", { message: parsed.fault.message });
}

function lookUp(data: TemplateData, [field, ...keys]: readonly [string, ...string[]]): string {
  let value: unknown = own(data, field);
  for (const key of keys) value = typeof value === "object" && value !== null ? own(value, key) : undefined;
  return value === undefined || typeof value === "object" ? "" : String(value);
}

function own(record: object, key: string): unknown {
  return Object.hasOwn(record, key) ? (record as Record<string, unknown>)[key] : undefined;
}

interface Action {
  readonly end: number;
  readonly trimBefore: boolean;
  readonly trimAfter: boolean;
  readonly part?: Part;
}

const comment = /\{\{(?:-[ \t\r\n]+)?\/\*[\s\S]*?\*\/(?:[ \t\r\n]+-)?\}\}/y;
/** A closing brace pair inside a text does not end the action. */
const action = /\{\{(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|(?!\}\})[^"`])*\}\}/y;

function readAction(text: string, start: number, artifactKeys?: Iterable<string>): Action | TemplateFault {
  comment.lastIndex = start;
  action.lastIndex = start;
  const found = comment.exec(text)?.[0];
  const whole = found ?? action.exec(text)?.[0];
  if (whole === undefined) return { at: start, length: 2, message: '"{{" is never closed by "}}"' };
  const trimBefore = /^\{\{-[ \t\r\n]/.test(whole);
  const trimAfter = /[ \t\r\n]-\}\}$/.test(whole);
  const shape = { end: start + whole.length, trimBefore, trimAfter };
  if (found !== undefined) return shape;
  const inner = whole.slice(trimBefore ? 3 : 2, whole.length - (trimAfter ? 3 : 2));
  const expression = inner.trim();
  const part = readExpression(expression, artifactKeys);
  if (!isProblem(part)) return { ...shape, part };
  const at = start + (trimBefore ? 3 : 2) + (inner.length - inner.trimStart().length);
  return { at, length: Math.max(1, expression.length), message: part.message };
}

interface Problem {
  readonly message: string;
}

function isProblem(part: Part | Problem): part is Problem {
  return typeof part === "object" && "message" in part;
}

const path = /^\.([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)$/;
const indexed = /^index[ \t\r\n]+(\.[A-Za-z_]\w*)[ \t\r\n]+("(?:[^"\\\n]|\\.)*"|`[^`]*`)$/;
const quoted = /^(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`)$/;

function readExpression(expression: string, artifactKeys?: Iterable<string>): Part | Problem {
  if (quoted.test(expression)) return literal(expression);
  const field = path.exec(expression);
  if (field) return checkPath(field[1] ?? "", (field[2] ?? "").split(".").slice(1), artifactKeys);
  const entry = indexed.exec(expression);
  if (entry) {
    const key = literal(entry[2] ?? "");
    return typeof key === "string" ? checkPath((entry[1] ?? "").slice(1), [key], artifactKeys) : key;
  }
  const bare = /^[A-Za-z_]\w*$/.exec(expression)?.[0];
  if (bare !== undefined && Object.hasOwn(templateFields, bare)) {
    return { message: `a field begins with a dot: {{.${bare}}}` };
  }
  const subset = 'only fields such as {{.Name}}, {{index .Artifact "key"}}, texts and comments are understood';
  return { message: expression === "" ? `nothing stands between the braces; ${subset}` : subset };
}

function checkPath(field: string, keys: readonly string[], artifactKeys?: Iterable<string>): Part | Problem {
  const known = Object.keys(templateFields);
  if (!known.includes(field)) {
    const hint = didYouMean(field, known) || `; known are ${known.map((name) => `.${name}`).join(", ")}`;
    return { message: `unknown field .${field}${hint}` };
  }
  const [key, ...more] = keys;
  if (field !== "Artifact") {
    return keys.length === 0 ? [field] : { message: `.${field} has no fields of its own` };
  }
  if (key === undefined) return { message: ".Artifact is a whole block; name one of its settings: {{.Artifact.path}}" };
  if (more.length > 0) return { message: `.Artifact.${key} has no fields of its own` };
  const all = artifactKeys === undefined ? undefined : [...artifactKeys];
  if (all && !all.includes(key)) {
    return { message: `this artifact has no "${key}"${didYouMean(key, all) || `; it has ${all.join(", ")}`}` };
  }
  return [field, key];
}

/** A text of Go: raw between backquotes, or with the escapes that it shares with JSON. */
function literal(source: string): string | Problem {
  if (source.startsWith("`")) return source.slice(1, -1);
  try {
    return JSON.parse(source) as string;
  } catch {
    return { message: `${source} holds an escape that is not understood` };
  }
}
