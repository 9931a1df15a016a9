import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand, oneService } from "../command.ts";
import { numberOf } from "../parse-arguments.ts";
import { neededFlag, target, writingFlags } from "../publishing-flags.ts";

const most = 1_000_000;

export const prune = defineCommand({
  name: "prune",
  summary: "Remove old versions and their content; never what a channel points at.",
  details:
    "The versions that were pushed last are kept; yanked ones do not count. A version that was removed can never be given to other content. What pushes that were cut off left lying for more than a day goes, too.",
  operands: [oneService, target],
  flags: {
    keep: { summary: "So many versions stay.", value: "N" },
    "dry-run": { summary: "Only say what would go." },
    ...writingFlags,
  },
  examples: [
    ["dropship prune web --keep 20 --dry-run s3://artifacts/web", "see what would go"],
    ["dropship prune web --keep 20 s3://artifacts/web", "remove it"],
  ],
  json: '{ "service", "removed": [version, …], "artifacts": [key, …], "dryRun" }',
  async run({ screen, withPublishing }, given) {
    const { service = "" } = given.operands;
    const command = "dropship prune";
    neededFlag(given, command, "keep", "20");
    const keep = numberOf(given, "keep", { otherwise: most, lowest: 1, highest: most });
    const dryRun = given.flags["dry-run"] !== undefined;
    const wish = { command, service, given, writes: !dryRun };
    const { removed, artifacts } = await withPublishing(wish, async (publisher) => {
      const { prune: remove, planPrune } = await import("../../publish/prune.ts");
      return await (dryRun ? planPrune : remove)(publisher, keep);
    });
    const versions = removed.map(({ version }) => version);
    if (screen.json) screen.printJson({ service, removed: versions, artifacts, dryRun });
    else if (versions.length + artifacts.length === 0) screen.print(`${service}: there is nothing to remove`);
    else {
      const what = versions.length === 0 ? "no version" : versions.join(", ");
      screen.print(`${service}: ${dryRun ? "would remove" : "removed"} ${what} (${artifacts.length} artifacts)`);
    }
    return exitCodes.done;
  },
});
