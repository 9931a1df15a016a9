import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand, oneService } from "../command.ts";
import { neededFlag, target, writingFlags } from "../publishing-flags.ts";

export const promote = defineCommand({
  name: "promote",
  summary: "Let a channel point at a version; also an older one, which lets its hosts go back.",
  details: "Hosts that follow the channel take it at their next check. A version that was yanked is refused.",
  operands: [oneService, { name: "version", required: true }, target],
  flags: { channel: { summary: "The channel; it is made when it is new.", value: "CHANNEL" }, ...writingFlags },
  examples: [
    ["dropship promote web 1.4.2 --channel stable s3://artifacts/web", "what was tried in another channel"],
    ["dropship promote web 1.4.1 --channel stable s3://artifacts/web", "back to what ran before"],
  ],
  json: '{ "service", "channel", "version", "sequence", "by", "changed" }',
  async run({ screen, withPublishing }, given) {
    const { service = "", version = "" } = given.operands;
    const command = "dropship promote";
    const channel = neededFlag(given, command, "channel", "CHANNEL");
    const { document, changed } = await withPublishing({ command, service, given, writes: true }, async (publisher) => {
      const { promote: point } = await import("../../publish/promote.ts");
      return await point(publisher, { version, channel });
    });
    const { sequence, by, release } = document;
    if (screen.json) screen.printJson({ service, channel, version: release.version, sequence, by, changed });
    else if (changed)
      screen.print(`${service}: channel ${channel} now points at ${release.version} (number ${sequence})`);
    else screen.print(`${service}: channel ${channel} points at ${release.version} already; nothing was changed`);
    return exitCodes.done;
  },
});
