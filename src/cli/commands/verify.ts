import { readFile } from "node:fs/promises";
import { getSystemErrorMessage } from "node:util";
import { exitCodes } from "../../domain/failures/entry.ts";
import { failure } from "../../domain/failures/failure.ts";
import { printable } from "../../domain/text-width.ts";
import type { Finding, VerifyCourt } from "../../publish/verify.ts";
import { defineCommand, type Given } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { publicKeys } from "../key-sources.ts";
import { neededFlag } from "../publishing-flags.ts";
import type { Screen } from "../screen.ts";

export const verify = defineCommand({
  name: "verify",
  summary: "Judge what is published, as a host would: every document of a target, or one that was copied to a file.",
  details:
    "Signature, form, place and time of each document, and whether the content is there that channels and index name. The exit code is 1 when one of them would be refused.",
  operands: [{ name: "target", required: true, isFile: true }],
  flags: {
    key: { summary: 'The public key that must have signed: its file, or "RW…".', value: "FILE", isFile: true },
    service: { summary: "The application that it must be about. Default: the one it says.", value: "NAME" },
  },
  examples: [
    ["dropship verify s3://artifacts/web --key web.pub", "everything that hosts may come to read"],
    ["dropship verify stable.doc --key web.pub", "a document that was copied"],
  ],
  json: '{ "documents": [{ "object", "says", "failure": { code, sentence, remedy } }, …] }',
  async run(context, given) {
    const findings = await findingsOf(context, given);
    const { screen } = context;
    if (screen.json) screen.printJson({ documents: findings });
    else for (const finding of findings) screen.print(lineOf(finding, screen));
    return findings.some(({ failure: met }) => met !== undefined) ? exitCodes.failed : exitCodes.done;
  },
});

async function findingsOf({ now, withPublishing }: CommandContext, given: Given): Promise<readonly Finding[]> {
  const { target = "" } = given.operands;
  const command = "dropship verify";
  const keys = publicKeys(neededFlag(given, command, "key", "FILE"));
  const [{ verifyBytes, verifyFolder, sayingOf }, { cryptography }, { builtAt }] = await Promise.all([
    import("../../publish/verify.ts"),
    import("../../platform/cryptography.ts"),
    import("../../platform/built.ts"),
  ]);
  const court: VerifyCourt = {
    trust: { keys, maxJump: Number.POSITIVE_INFINITY },
    floors: [],
    clock: { now: now(), built: builtAt },
    check: cryptography,
  };
  if (!/^[a-z][a-z0-9]*:/.test(target)) {
    return [{ object: target, says: sayingOf(verifyBytes(await contentOf(target), target, court)) }];
  }
  const service = given.flags["service"];
  const wish = { command, service: service ?? "", given, writes: false };
  return await withPublishing(wish, ({ folder, signal }) => verifyFolder(folder, service, court, signal));
}

async function contentOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw failure("source-missing", { source: path }, error);
    throw failure(
      "source-unreadable",
      { path, reason: errno === undefined ? "" : getSystemErrorMessage(errno) },
      error,
    );
  }
}

function lineOf({ object, says, failure: met }: Finding, { paint }: Screen): string {
  if (met === undefined) return `${paint("green", "ok     ")}  ${object}\n         ${printable(says ?? "")}`;
  return `${paint("red", "refused")}  ${object}\n         ${met.sentence}`;
}
