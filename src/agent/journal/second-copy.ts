import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Remembered } from "./remembered.ts";
import { seal, unseal } from "./sealed.ts";

/**
 * The second copy of what must never be lost: one small file for each service, so that a change costs the same with one
 * service and with a thousand. Each is replaced whole (temporary file, fsync, rename, fsync of the folder) and carries a
 * checksum. It is plain text: a person can read it when all else fails.
 */
export interface SecondCopy {
  readonly folder: string;
  /** Every copy that is whole, and the files that are not. */
  read(): {
    readonly good: ReadonlyMap<string, Remembered>;
    readonly bad: readonly string[];
    readonly newer: readonly string[];
  };
  write(service: string, remembered: Remembered): void;
  remove(service: string): void;
}

const format = 1;
const suffix = ".journal";
const header = /^dropship journal (\d{1,6}) ([0-9a-f]{8})\n$/;

export function secondCopy(folder: string): SecondCopy {
  const fileOf = (service: string) => join(folder, `${fileName(service)}${suffix}`);
  return {
    folder,
    read: () => readAll(folder),
    write(service, remembered) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const file = fileOf(service);
      const temporary = `${file}.new`;
      writeSynced(temporary, encode(remembered));
      renameSync(temporary, file);
      syncFolder(folder);
    },
    remove(service) {
      rmSync(fileOf(service), { force: true });
    },
  };
}

/** The file's text, and nothing else, makes this value. */
function encode(remembered: Remembered): string {
  const { body, crc } = seal(`second-copy ${format}`, remembered);
  return `dropship journal ${format} ${crc.toString(16).padStart(8, "0")}\n${body}\n`;
}

function decode(text: string): Remembered | "damaged" | "newer" {
  const end = text.indexOf("\n") + 1;
  const [, version, crc] = header.exec(text.slice(0, end)) ?? [];
  if (version === undefined || crc === undefined || !text.endsWith("\n")) return "damaged";
  const body = text.slice(end, -1);
  const value = unseal<Remembered>(`second-copy ${version}`, { body, crc: Number.parseInt(crc, 16) });
  if (value === undefined) return "damaged";
  if (Number(version) > format) return "newer";
  return Number(version) === format ? value : "damaged";
}

function readAll(folder: string) {
  const good = new Map<string, Remembered>();
  const bad: string[] = [];
  const newer: string[] = [];
  for (const name of namesIn(folder)) {
    const file = join(folder, name);
    const value = decode(readFileSync(file, "utf8"));
    if (value === "damaged") bad.push(file);
    else if (value === "newer") newer.push(file);
    else good.set(value.state.service, value);
  }
  return { good, bad, newer };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(suffix));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw thrown;
  }
}

/** Safe in every file system, and the service's own name wherever that is possible. */
function fileName(service: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(service)) return service;
  return `=${createHash("sha256").update(service).digest("hex")}`;
}

function writeSynced(file: string, text: string): void {
  const opened = openSync(file, "w", 0o600);
  try {
    writeFileSync(opened, text);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

export function syncFolder(folder: string): void {
  const opened = openSync(folder, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
