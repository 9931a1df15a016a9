import { exitCodes } from "../../domain/failures/entry.ts";
import { sameVersion } from "../../domain/publishing/version-rules.ts";
import { formatSize } from "../../domain/size.ts";
import { defineCommand, oneService } from "../command.ts";
import { reading, target } from "../publishing-flags.ts";
import { type Cell, renderTable } from "../render/table.ts";
import { formatWhen } from "../render/time.ts";

export const versions = defineCommand({
  name: "versions",
  summary: "List the versions of an application that are published, the newest push first.",
  operands: [oneService, target],
  flags: reading,
  examples: [["dropship versions web s3://artifacts/web", "what there is to promote"]],
  json: '{ "service", "versions": [{ "version", "created", "by", "length", "sha256", "format", "channels": [name, …], "yanked": { "at", "by", "reason" } }, …] }',
  async run({ screen, now, withPublishing }, given) {
    const { service = "" } = given.operands;
    const wish = { command: "dropship versions", service, given, writes: false };
    const { index, channels } = await withPublishing(wish, async (publisher) => {
      const { overview } = await import("../../publish/overview.ts");
      return await overview(publisher);
    });
    const shown = index.versions.toReversed().map((entry) => ({
      ...entry,
      channels: channels
        .filter(({ release }) => sameVersion(release.version, entry.version))
        .map(({ channel }) => channel),
    }));
    if (screen.json) screen.printJson({ service, versions: shown });
    else {
      const rows = shown.map((entry): readonly Cell[] => [
        { text: entry.version, ...(entry.channels.length > 0 && { style: "bold" as const }) },
        { text: formatWhen(entry.created, now()) },
        { text: formatSize(entry.length) },
        { text: entry.channels.join(", "), style: "green" },
        { text: entry.by },
        { text: entry.yanked === undefined ? "" : `by ${entry.yanked.by}: ${entry.yanked.reason}`, style: "yellow" },
      ]);
      const columns = [
        { title: "VERSION" },
        { title: "PUSHED" },
        { title: "SIZE", right: true },
        { title: "CHANNELS" },
        { title: "BY", flexible: true },
        { title: "YANKED", flexible: true },
      ];
      screen.print(renderTable(columns, rows, screen));
    }
    return exitCodes.done;
  },
});
