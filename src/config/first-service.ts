import { print } from "./hcl/printer.ts";
import type { Item, Value } from "./hcl/syntax-tree.ts";

/** Where the artifact is, as one address tells it. */
export type Source =
  | { readonly repository: "s3"; readonly bucket: string; readonly path: string }
  | { readonly repository: "http"; readonly url: string }
  | { readonly repository: "file"; readonly path: string };

/** What somebody says who declares a service for the first time. */
export interface FirstService {
  readonly name: string;
  readonly source: Source;
  readonly destination: string;
  /** Command lines; undefined: nothing to do. */
  readonly stop: string | undefined;
  readonly start: string | undefined;
  /** An address that answers when the service is well, or else a command line. */
  readonly health: string | undefined;
}

/** `s3://bucket/key`, `https://…` or an absolute path; undefined: none of them. */
export function readSource(address: string): Source | undefined {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address) ?? [];
  if (bucket !== undefined && key !== undefined) return { repository: "s3", bucket, path: key };
  if (/^https?:\/\/[^/]+\/.+/.test(address)) return { repository: "http", url: address };
  return /^\/.+/.test(address) ? { repository: "file", path: address } : undefined;
}

/** The file of that service. */
export function serviceFile({ name, source, destination, stop, start, health }: FirstService): string {
  const { repository, ...address } = source;
  const script = (stage: string, command: string | undefined) =>
    command === undefined ? [] : [block([stage, "script"], settings({ command }))];
  const probe = health === undefined ? [] : [healthBlock(health)];
  const artifact = block(["artifact", repository], settings({ ...address, destination }));
  const items = [artifact, ...script("before", stop), ...script("after", start), ...probe];
  return print({ items: [block(["service", name], items)] });
}

/** The block that says where a bucket is; undefined: nothing is to be said. */
export function bucketPlace(place: { readonly region?: string; readonly endpoint?: string }): string | undefined {
  if (place.region === undefined && place.endpoint === undefined) return undefined;
  return print({ items: [block(["repo", "s3"], settings(place))] });
}

function healthBlock(health: string): Item {
  return /^https?:/.test(health)
    ? block(["health", "http"], settings({ url: health }))
    : block(["health", "script"], settings({ command: health }));
}

const nowhere = { start: 0, end: 0 };

function block([kind = "", ...labels]: readonly string[], items: readonly Item[]): Item {
  return item([kind, ...labels], { kind: "object", items, span: nowhere });
}

function settings(values: Readonly<Record<string, string>>): readonly Item[] {
  return Object.entries(values).map(([name, text]) => item([name], { kind: "text", text, span: nowhere }));
}

function item(names: readonly string[], value: Value): Item {
  const [first = "", ...rest] = names;
  const key = (name: string) => ({ name, span: nowhere });
  return { keys: [key(first), ...rest.map(key)], value };
}
