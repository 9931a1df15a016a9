import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand, oneService } from "../command.ts";
import { target, writingFlags } from "../publishing-flags.ts";

export const refresh = defineCommand({
  name: "refresh",
  summary: "Sign channels and the index anew: for longer, or with another key. What they say stays.",
  details:
    "Run it by a timer where documents expire. To replace a key: let hosts trust both, refresh with the new one and --trust the old one's public half, then let hosts trust the new one alone.",
  operands: [oneService, target],
  flags: { channel: { summary: "Only this channel. Default: everything.", value: "CHANNEL" }, ...writingFlags },
  examples: [
    ["dropship refresh web --channel stable --expires 30d s3://artifacts/web", "valid for 30 days from now"],
    ["dropship refresh web --key new.key --trust old.pub s3://artifacts/web", "replace a key"],
    ["dropship refresh web --key web.key --adopt s3://artifacts/web", "begin with signing"],
  ],
  json: '{ "service", "refreshed": [key, …] }',
  async run({ screen, withPublishing }, given) {
    const { service = "" } = given.operands;
    const wish = { command: "dropship refresh", service, given, writes: true };
    const refreshed = await withPublishing(wish, async (publisher) => {
      const { refresh: renew } = await import("../../publish/refresh.ts");
      return await renew(publisher, given.flags["channel"]);
    });
    if (screen.json) screen.printJson({ service, refreshed });
    else screen.print(`${service}: written anew: ${refreshed.join(", ")}`);
    return exitCodes.done;
  },
});
