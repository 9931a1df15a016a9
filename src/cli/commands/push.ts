import { tmpdir } from "node:os";
import { exitCodes } from "../../domain/failures/entry.ts";
import type { PackFormat } from "../../publish/pack/artifact.ts";
import type { Publisher } from "../../publish/publisher.ts";
import { defineCommand, type Given } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { neededFlag, oneOf, target, writingFlags } from "../publishing-flags.ts";
import { pushedFacts, renderPushed } from "../render/published.ts";
import { showTransfer } from "../render/transfer.ts";

const formats: readonly PackFormat[] = ["tar.zst", "tar.gz"];

export const push = defineCommand({
  name: "push",
  summary: "Publish a folder, a file or an archive under a version, and let a channel point at it.",
  details:
    "A folder is packed; equal folders become equal bytes. Whatever agents would refuse is refused here. The same push again is a success that changes nothing, and finishes one that was cut off; other content under the same version is refused. TARGET is s3://BUCKET/PATH, swift://CONTAINER/PATH or file:FOLDER; where the store is and who you are comes from the variables that the store's own tools read.",
  operands: [{ name: "source", required: true, isFile: true }, target],
  flags: {
    service: { summary: "The application's name.", value: "NAME" },
    version: { summary: "1.4.2, 2026.11.25, 1.5.0-rc.1", value: "VERSION" },
    channel: { summary: "The channel that is to point at it. Default: none.", value: "CHANNEL" },
    notes: { summary: "What is new, for people; at most 16384 characters.", value: "TEXT" },
    format: { summary: `How a folder is packed: ${formats.join(" or ")}. Default: ${formats[0]}.`, value: "FORMAT" },
    "ignore-file": {
      summary: "Leave out of a folder what this file says, as .gitignore does. Default: its .dropshipignore.",
      value: "FILE",
      isFile: true,
    },
    ...writingFlags,
  },
  examples: [
    ["dropship push dist --service web --version 1.4.2 s3://artifacts/web", "publish a folder"],
    ["dropship push dist --service web --version 1.4.2 --channel stable s3://artifacts/web", "and roll it out"],
    ["dropship push web.tar.gz --service web --version 1.4.2 --key web.key file:/srv/artifacts/web", "sign it"],
  ],
  json: '{ "service", "version", "place", "key", "sha256", "length", "format", "entries", "by", "created", "notes", "signedBy", "channel": { "name", "sequence" }, "uploaded", "changed" }',
  run: (context, given) => {
    const service = neededFlag(given, "dropship push", "service", "NAME");
    const wish = { command: "dropship push", service, given, writes: true };
    return context.withPublishing(wish, (publisher) => pushWith(publisher, context, given));
  },
});

async function pushWith(publisher: Publisher, { screen, now }: CommandContext, given: Given): Promise<number> {
  const { source = "" } = given.operands;
  const { notes, channel, "ignore-file": ignoreFile } = given.flags;
  const version = neededFlag(given, "dropship push", "version", "VERSION");
  const format = oneOf(given, "format", formats);
  const { signal, folder, limits } = publisher;
  const [{ prepareArtifact }, { push: publish, foresee }] = await Promise.all([
    import("../../publish/pack/prepare-artifact.ts"),
    import("../../publish/push.ts"),
  ]);
  await foresee(publisher, { version, channel });
  const transfer = showTransfer(screen, now);
  try {
    await using artifact = await prepareArtifact({
      ...{ source, format, signal, ignoreFile, limits },
      scratch: tmpdir(),
      onProgress: ({ step, done, total }) => transfer.advance(step, done, total),
      onRefused: (refusals) => {
        transfer.end();
        for (const { sentence } of refusals) screen.remark(sentence);
      },
    });
    const onProgress = (done: number) => transfer.advance(`uploading to ${folder.place}`, done, artifact.length);
    const pushed = await publish(publisher, { artifact, version, notes, channel, onProgress });
    transfer.end();
    const facts = pushedFacts(pushed, publisher);
    if (screen.json) screen.printJson(facts);
    else screen.print(renderPushed(facts, artifact.leftOut.length, screen));
    return exitCodes.done;
  } finally {
    transfer.end();
  }
}
