import { crc32 } from "node:zlib";

/** A body with its checksum: what is read back is what was written, or it is known to be damaged. */
export interface Sealed {
  readonly body: string;
  readonly crc: number;
}

/** `key` names what the body belongs to, so that a body which ended up under another key is noticed as well. */
export function seal(key: string, value: unknown): Sealed {
  const body = JSON.stringify(value);
  return { body, crc: crc32(`${key}\n${body}`) };
}

/** The value, or `undefined` when the body or its key are not what was sealed. */
export function unseal<Value>(
  key: string,
  sealed: { readonly body: unknown; readonly crc: unknown },
): Value | undefined {
  const { body, crc } = sealed;
  if (typeof body !== "string" || crc !== crc32(`${key}\n${body}`)) return undefined;
  // The checksum vouches that this very program wrote it.
  return JSON.parse(body) as Value;
}
