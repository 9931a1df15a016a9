/** Below which object: "web" and "channels/stable" make "web/channels/stable". */
export function keyBelow(path: string, key: string): string {
  return `${path.replace(/\/+$/, "")}/${checkedKey(key)}`;
}

/** The folder that a key lies in, "" or with a slash at its end; and its name there. */
export function splitKey(key: string): { readonly folder: string; readonly name: string } {
  const end = key.lastIndexOf("/") + 1;
  return { folder: key.slice(0, end), name: key.slice(end) };
}

/** Keys are made by us: any other is a mistake of ours. Names that begin with a dot are the drivers' own. */
export function checkedKey(key: string): string {
  if (isKey(key)) return key;
  throw new TypeError(`"${key}" is no key of an object`);
}

export function isKey(key: string): boolean {
  return key.split("/").every((name) => /^[A-Za-z0-9_~+-][A-Za-z0-9._~+-]*$/.test(name));
}
