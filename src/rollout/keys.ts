/**
 * Where things stand in a store. The hosts of one service and group share one space; every name in it is encoded, so that no
 * host and no service can reach out of its own.
 */
export interface Space {
  readonly record: string;
  /** End with "/". */
  readonly beats: string;
  readonly reports: string;
  /** What a probe leaves in the worst case begins so. */
  readonly probe: string;
}

export function spaceOf(service: string, group: string): Space {
  const folder = `${encodeName(service)}/${encodeName(group)}`;
  return {
    record: `${folder}/record`,
    beats: `${folder}/beats/`,
    reports: `${folder}/reports/`,
    probe: `${folder}/probe-`,
  };
}

/** A name as one part of a key: only what a store must take, and never "." or "..", which mean something in a folder. */
export function encodeName(name: string): string {
  return encodeURIComponent(name)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\./, "%2E");
}
