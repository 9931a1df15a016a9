import { basename } from "node:path";
import { exitCodes } from "../../domain/failures/entry.ts";
import { failure } from "../../domain/failures/failure.ts";
import { createSecrets } from "../../domain/secrets.ts";
import { defineCommand, type Given } from "../command.ts";
import type { KeyWorld } from "../key-sources.ts";

export const keygen = defineCommand({
  name: "keygen",
  summary: "Make a key to sign releases with: a private half for who publishes, a public one for the hosts.",
  details:
    "The private half is encrypted with a passphrase: that of $DROPSHIP_SIGNING_PASSPHRASE, or one that is asked for. Without a passphrase it is signify's own form, fit for the secrets of CI.",
  flags: {
    out: { summary: "Writes NAME.key and NAME.pub. Default: dropship.", value: "NAME", isFile: true },
    "no-passphrase": { summary: "Leave the private half unencrypted: who can read the file can sign." },
  },
  examples: [
    ["dropship keygen --out web", "asks for a passphrase, writes web.key and web.pub"],
    ["dropship keygen --out web --no-passphrase", "for a store of secrets"],
  ],
  json: '{ "publicKey", "number", "privateFile", "publicFile", "encrypted" }',
  async run({ screen, keys }, given) {
    const name = given.flags["out"] ?? "dropship";
    const [{ freeKeyFiles, writeKeyFiles }, { makeKeyPair }, { cryptography }] = await Promise.all([
      import("../../publish/key-files.ts"),
      import("../../publish/signing-key.ts"),
      import("../../platform/cryptography.ts"),
    ]);
    const places = await freeKeyFiles(name);
    const passphrase = await newPassphrase(given, keys);
    const pair = await makeKeyPair({ comment: basename(name), passphrase }, cryptography, createSecrets());
    await writeKeyFiles(places, pair);
    const { text, number } = pair.publicKey;
    const { privatePath: privateFile, publicPath: publicFile } = places;
    const encrypted = passphrase !== undefined;
    if (screen.json) screen.printJson({ publicKey: text, number, privateFile, publicFile, encrypted });
    else {
      const how = encrypted ? "encrypted with the passphrase" : "not encrypted: who can read it can sign";
      screen.print(`${privateFile}  the private half, for who publishes (${how})`);
      screen.print(`${publicFile}  the public half, for the hosts:\n\n  trust { key = "${text}" }\n`);
    }
    return exitCodes.done;
  },
});

/** Undefined: none is wanted. */
async function newPassphrase({ flags }: Given, { environment, askSecret }: KeyWorld): Promise<string | undefined> {
  if (flags["no-passphrase"] !== undefined) return undefined;
  const known = environment["DROPSHIP_SIGNING_PASSPHRASE"];
  if (known !== undefined && known !== "") return known;
  if (askSecret === undefined) throw failure("new-passphrase-missing", {});
  const passphrase = await askSecret("Passphrase for the new key: ");
  if (passphrase === "") throw failure("signing-passphrase-empty", {});
  if (passphrase !== (await askSecret("The same once more: "))) throw failure("passphrases-differ", {});
  return passphrase;
}
