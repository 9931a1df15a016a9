import { failure } from "./failures/failure.ts";

/** Where in an archive something stands; `name` as the archive spells it. */
export interface EntryPlace {
  readonly name: string;
  readonly offset: number;
}

const longestName = 4096;
const longestComponent = 255;
const utf8 = new TextEncoder();

/** The name for a message: control, format and line-breaking characters are spelled out, so that they cannot fool a terminal. */
export function shownName(name: string): string {
  const short = name.length > 200 ? `${name.slice(0, 200)}…` : name;
  return short.replace(
    /[\p{C}\p{Zl}\p{Zp}"\\]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}}`,
  );
}

/** The details that failures about an entry share. */
export function placed(
  { name, offset }: EntryPlace,
  rule: string,
): { readonly entry: string; readonly offset: number; readonly rule: string } {
  return { entry: shownName(name), offset, rule };
}

/**
 * The path an entry stands for, relative to the folder: "a/b" for "./a/b" and "a/b/", "" for the root itself.
 * Nothing is repaired: whatever could mean another place throws "archive-unsafe-path".
 */
export function entryPath(place: EntryPlace, directory: boolean): string {
  let path = place.name;
  while (path.startsWith("./")) path = path.slice(2);
  if (directory && path.endsWith("/") && path !== "/") path = path.slice(0, -1);
  if (directory && (path === "." || (path === "" && place.name !== ""))) return "";
  const rule = brokenRule(path, place.name);
  if (rule !== undefined) throw failure("archive-unsafe-path", placed(place, rule));
  return path;
}

/** The key that two names share when some file system or tool could take them for one: case, accents and invisible characters ignored. */
export function foldedPath(path: string): string {
  if (/^[\x00-\x7f]*$/.test(path)) return path.toLowerCase();
  return path
    .normalize("NFKD")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKD");
}

function brokenRule(path: string, name: string): string | undefined {
  if (path === "") return "it is empty";
  if (path.includes("\0")) return "it holds a NUL";
  if (path.startsWith("/")) return "it is absolute";
  if (path.includes("\\")) return "it holds a backslash";
  if (/^[A-Za-z]:/.test(path)) return "it begins like a drive letter";
  if (bytesOver(name, longestName - 1)) return `it is longer than ${longestName - 1} bytes`;
  for (const component of path.split("/")) {
    if (component === "") return "it has an empty component";
    if (component === "." || component === "..") return `it has a component "${component}"`;
    if (bytesOver(component, longestComponent)) return `a component is longer than ${longestComponent} bytes`;
  }
  return undefined;
}

/** Whether a text takes more bytes than `limit` in UTF-8. */
export function bytesOver(text: string, limit: number): boolean {
  return text.length * 3 > limit && (text.length > limit || utf8.encode(text).length > limit);
}
