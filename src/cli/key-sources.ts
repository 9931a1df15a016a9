import { readFileSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import { failure } from "../domain/failures/failure.ts";
import { readPrivateKey } from "../domain/publishing/private-key-text.ts";
import { type PublicKey, trustedKeys } from "../domain/publishing/public-key.ts";
import type { PrivateKeySource } from "../publish/signing-key.ts";
import type { Given } from "./command.ts";

/** What of the world keys come from. */
export interface KeyWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Undefined: there is nobody to ask. */
  readonly askSecret: ((question: string) => Promise<string>) | undefined;
}

/** The signing key that was named, and its passphrase if it needs one. Undefined: none was named. */
export async function privateKeySource(
  { flags }: Given,
  { environment, askSecret }: KeyWorld,
): Promise<PrivateKeySource | undefined> {
  const { DROPSHIP_SIGNING_KEY: fromEnvironment, DROPSHIP_SIGNING_PASSPHRASE: known } = environment;
  const file = flags["key"];
  const found = file === undefined ? inEnvironment(fromEnvironment) : { text: keyFileText(file), place: file };
  if (found === undefined) return undefined;
  const read = readPrivateKey(found.text);
  const isOpen = typeof read === "string" || read.form !== "encrypted";
  if (isOpen || known || askSecret === undefined) return { ...found, passphrase: known };
  return { ...found, passphrase: await askSecret(`Passphrase of the signing key ${found.place}: `) };
}

/** The variable may be what a store of secrets gave out: whatever it is, it is not shown. */
function inEnvironment(value: string | undefined): PrivateKeySource | undefined {
  if (value === undefined || value === "") return undefined;
  const isKey = value.includes("\n") || /^(?:RW|untrusted comment)/.test(value);
  if (isKey) return { text: value, place: "DROPSHIP_SIGNING_KEY" };
  const place = "that DROPSHIP_SIGNING_KEY names";
  return { text: keyFileText(value, place), place: `the file ${place}` };
}

/** The public keys of this file, or this very key. Throws "public-key-unusable" and "key-file-unusable". */
export function publicKeys(given: string | undefined): readonly PublicKey[] {
  if (given === undefined) return [];
  return trustedKeys([/^RW[A-Za-z0-9+/]{54}$/.test(given) ? given : keyFileText(given)]);
}

/** Throws "key-file-unusable". `shown`: in the place of the path. */
function keyFileText(path: string, shown = path): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { errno, code } = error as NodeJS.ErrnoException;
    const reason = errno === undefined ? String(code) : getSystemErrorMessage(errno);
    throw failure("key-file-unusable", { path: shown, reason });
  }
}
