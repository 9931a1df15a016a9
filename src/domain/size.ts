/** Sizes in bytes, as operators write them: "64KiB", "10 MiB", "2GB", or a plain number of bytes. */
export type Bytes = number;

const bytesOf: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1000,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** Reads a size; `undefined` when the text is not one or is not a safe whole number of bytes. */
export function parseSize(text: string): Bytes | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text);
  if (!match) return undefined;
  const unit = bytesOf[(match[2] ?? "").toLowerCase()];
  if (unit === undefined) return undefined;
  const bytes = Math.ceil(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Writes a size for a person: "512 B", "1.5 MiB". Not meant to be read back. */
export function formatSize(bytes: Bytes): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let amount = bytes;
  let unit = 0;
  // what would be rounded up to 1024 is one of the next unit
  while (amount >= (unit === 0 ? 1024 : 1023.5) && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}
