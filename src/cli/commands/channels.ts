import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand, oneService } from "../command.ts";
import { reading, target } from "../publishing-flags.ts";
import { renderTable } from "../render/table.ts";
import { formatWhen } from "../render/time.ts";

export const channels = defineCommand({
  name: "channels",
  summary: "List the channels of an application, and the versions that they point at.",
  operands: [oneService, target],
  flags: reading,
  examples: [["dropship channels web s3://artifacts/web", "what hosts follow"]],
  json: '{ "service", "channels": [{ "channel", "version", "sequence", "created", "by", "expires" }, …] }',
  async run({ screen, now, withPublishing }, given) {
    const { service = "" } = given.operands;
    const wish = { command: "dropship channels", service, given, writes: false };
    const found = await withPublishing(wish, async (publisher) => {
      const { overview } = await import("../../publish/overview.ts");
      return (await overview(publisher)).channels;
    });
    const shown = found.map(({ channel, release, sequence, created, by, expires }) => ({
      ...{ channel, version: release.version, sequence, created, by },
      ...(expires !== undefined && { expires }),
    }));
    if (screen.json) screen.printJson({ service, channels: shown });
    else if (shown.length === 0) screen.print(`${service} has no channel yet: dropship promote makes one.`);
    else {
      const columns = [
        { title: "CHANNEL" },
        { title: "VERSION" },
        { title: "NUMBER", right: true },
        { title: "SINCE" },
        { title: "BY", flexible: true },
        { title: "EXPIRES" },
      ];
      const rows = shown.map(({ channel, version, sequence, created, by, expires }) => [
        { text: channel, style: "bold" as const },
        { text: version },
        { text: String(sequence) },
        { text: formatWhen(created, now()) },
        { text: by },
        expires === undefined
          ? { text: "" }
          : { text: formatWhen(expires, now()), ...(expires <= now() && { style: "red" as const }) },
      ]);
      screen.print(renderTable(columns, rows, screen));
    }
    return exitCodes.done;
  },
});
