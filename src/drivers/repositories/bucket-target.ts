/** "//bucket/web", as it stands behind "s3:"; else what is wrong with it, as a clause. Nothing in it is escaped. */
export function bucketTarget(
  rest: string,
  kind: "bucket" | "container",
): { readonly bucket: string; readonly path: string } | string {
  const shape = `${kind.toUpperCase()}/PATH`;
  const match = /^\/\/([^/]*)(.*)$/s.exec(rest);
  if (match === null) return `two slashes belong before ${shape}`;
  const [, bucket = "", behind = ""] = match;
  const path = behind.replace(/^\/|\/+$/g, "");
  if (bucket === "") return `it names no ${kind}`;
  if (!/^[\w.~+ -]+$/.test(bucket)) return `"${bucket}" is no name of a ${kind}`;
  if (path === "") return `it does not say where in the ${kind} (${shape})`;
  if (/[?#]/.test(path)) return "options have no place in it; they come from the environment or the repo block";
  if (path.split("/").some((name) => name === "" || name === "." || name === "..")) {
    return 'its path has an empty part, "." or ".."';
  }
  return { bucket, path };
}
