import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand } from "../command.ts";

export const version = defineCommand({
  name: "version",
  summary: "Print the version of Dropship and of what it runs on.",
  examples: [["dropship version", "for a report"]],
  json: '{ "dropship", "node", "platform", "arch" }',
  async run({ screen }) {
    const { version: dropship } = (await import("../../../package.json", { with: { type: "json" } })).default;
    if (screen.json)
      screen.printJson({ dropship, node: process.version, platform: process.platform, arch: process.arch });
    else screen.print(`dropship ${dropship} (Node ${process.version}, ${process.platform} ${process.arch})`);
    return exitCodes.done;
  },
});
