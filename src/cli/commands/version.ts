import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand } from "../command.ts";

export const version = defineCommand({
  name: "version",
  summary: "Print the version of Dropship and of what it runs on.",
  examples: [["dropship version", "for a report"]],
  json: '{ "dropship", "node", "platform", "arch" }',
  async run({ screen }) {
    const dropship = ownVersion();
    if (screen.json)
      screen.printJson({ dropship, node: process.version, platform: process.platform, arch: process.arch });
    else screen.print(`dropship ${dropship} (Node ${process.version}, ${process.platform} ${process.arch})`);
    return exitCodes.done;
  },
});

function ownVersion(): string {
  const file = join(import.meta.dirname, "..", "..", "..", "package.json");
  const { version: own } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return own;
}
