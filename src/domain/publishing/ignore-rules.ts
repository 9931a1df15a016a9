import { compileGlob, type Glob, globMatches } from "./glob.ts";

/** What is left out of a folder when it is published. */
export interface IgnoreRules {
  /**
   * Whether a rule leaves this out. The path is relative, without a slash at its end, and has one character for each byte of
   * its UTF-8. What is in a folder that is left out is left out too; the rules are not asked about that.
   */
  leavesOut(path: string, isFolder: boolean): boolean;
}

interface Rule {
  readonly leavesOut: boolean;
  readonly foldersOnly: boolean;
  /** The last name of the path is judged, wherever it is; else the whole path. */
  readonly anywhere: boolean;
  /** What comes before the first wildcard. */
  readonly prefix: string;
  /** From the first wildcard on. */
  readonly glob: Glob | undefined;
}

/** Reads ignore files, in the rules of gitignore(5): of all their lines that match a path, the last decides. */
export function readIgnoreRules(texts: readonly string[]): IgnoreRules {
  const lastFirst = texts.flatMap(linesOf).flatMap(readRule).reverse();
  return {
    leavesOut(path, isFolder) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const decisive = lastFirst.find((rule) => (isFolder || !rule.foldersOnly) && matches(rule, path, name));
      return decisive?.leavesOut ?? false;
    },
  };
}

function matches({ anywhere, prefix, glob }: Rule, path: string, name: string): boolean {
  const text = anywhere ? name : path;
  if (glob === undefined) return text === prefix;
  return text.startsWith(prefix) && globMatches(glob, text.slice(prefix.length));
}

function linesOf(text: string): readonly string[] {
  return text
    .replace(/^\ufeff/, "")
    .split("\n")
    .map((line) => line.replace(/\r$/, ""));
}

function readRule(line: string): readonly Rule[] {
  if (line.startsWith("#")) return [];
  const trimmed = withoutSpacesAtEnd(line);
  const bringsBack = trimmed.startsWith("!");
  const written = bytesOf(bringsBack ? trimmed.slice(1) : trimmed);
  const foldersOnly = written.endsWith("/");
  const stem = foldersOnly ? written.slice(0, -1) : written;
  if (stem === "") return [];
  const pattern = stem.startsWith("/") ? stem.slice(1) : stem;
  const wild = pattern.search(/[*?[\\]/);
  return [
    {
      leavesOut: !bringsBack,
      foldersOnly,
      anywhere: !stem.includes("/"),
      prefix: wild === -1 ? pattern : pattern.slice(0, wild),
      glob: wild === -1 ? undefined : compileGlob(pattern.slice(wild)),
    },
  ];
}

/** A space at the end counts only behind a backslash. */
function withoutSpacesAtEnd(line: string): string {
  const text = line.replace(/ +$/, "");
  const backslashes = /\\*$/.exec(text)?.[0].length ?? 0;
  return backslashes % 2 === 1 && text.length < line.length ? `${text} ` : text;
}

const utf8 = new TextEncoder();

/** One character for each byte. */
function bytesOf(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return Array.from(utf8.encode(text), (byte) => String.fromCharCode(byte)).join("");
}
