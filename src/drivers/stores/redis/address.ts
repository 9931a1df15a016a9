export interface Address {
  /** An IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** `host`, `host:port`, `redis://host:port` or `rediss://host:port`; undefined for anything else, and for more than that. */
export function parseAddress(text: string, defaultPort = 6379): Address | undefined {
  const parts = /^(rediss?:\/\/)?(\[[\da-f:.]+\]|[^\s:/@?#[\]]+)(?::(\d{1,5}))?\/?$/i.exec(text);
  if (parts === null) return undefined;
  const [, scheme = "", host = "", written] = parts;
  const port = written === undefined ? defaultPort : Number(written);
  if (port < 1 || port > 65535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ""), port, secure: /^rediss/i.test(scheme) };
}
