import { exitCodes } from "../../domain/failures/entry.ts";
import { entryFor } from "../../domain/publishing/version-rules.ts";
import { defineCommand, oneService } from "../command.ts";
import { neededFlag, target, writingFlags } from "../publishing-flags.ts";

export const yank = defineCommand({
  name: "yank",
  summary: "Take a version back: no range chooses it and no channel comes to point at it any more.",
  details:
    "A host that names exactly this version still gets it. A version that a channel points at is refused: promote another one first.",
  operands: [oneService, { name: "version", required: true }, target],
  flags: { reason: { summary: "Why; whoever tries to promote it reads it.", value: "TEXT" }, ...writingFlags },
  examples: [["dropship yank web 1.4.2 --reason 'loses sessions' s3://artifacts/web", "nobody is to take it again"]],
  json: '{ "service", "version", "yanked": { "at", "by", "reason" }, "changed" }',
  async run({ screen, withPublishing }, given) {
    const { service = "", version = "" } = given.operands;
    const command = "dropship yank";
    const reason = neededFlag(given, command, "reason", "TEXT");
    const { document, changed } = await withPublishing({ command, service, given, writes: true }, async (publisher) => {
      const { yank: takeBack } = await import("../../publish/yank.ts");
      return await takeBack(publisher, { version, reason });
    });
    const yanked = entryFor(document, version)?.yanked;
    if (screen.json) screen.printJson({ service, version, yanked, changed });
    else if (changed) screen.print(`${service}: ${version} is yanked`);
    else screen.print(`${service}: ${version} was yanked already by ${yanked?.by}: ${yanked?.reason}`);
    return exitCodes.done;
  },
});
