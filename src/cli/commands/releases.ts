import { exitCodes } from "../../domain/failures/entry.ts";
import { formatSize } from "../../domain/size.ts";
import { defineCommand, oneService } from "../command.ts";
import { type Cell, renderTable } from "../render/table.ts";
import { formatWhen } from "../render/time.ts";

export const releases = defineCommand({
  name: "releases",
  summary: "List the releases of a service that are on disk; each can be activated at once.",
  operands: [oneService],
  examples: [
    ["dropship releases web", "what there is to go back to"],
    ["dropship rollback web 1.4.2-0a1b2c3d4e5f", "go to one of them"],
  ],
  json: '{ "releases": [release, …] }; a release has id, digest, size, version, stagedAt, current, good',
  async run({ screen, now, withReadings }, given) {
    const service = given.operands["service"] ?? "";
    const onDisk = await withReadings((readings) => readings.releases(service));
    if (screen.json) screen.printJson({ releases: onDisk });
    else if (onDisk.length === 0) screen.print(`${service} has no release on disk yet.`);
    else {
      const rows = onDisk
        .toReversed()
        .map((release): readonly Cell[] => [
          { text: release.current ? "→" : " ", style: "green" },
          { text: release.id, ...(release.current && { style: "bold" as const }) },
          { text: formatSize(release.size) },
          { text: formatWhen(release.stagedAt, now()) },
          release.good ? { text: "good", style: "green" } : { text: "not proven", style: "yellow" },
        ]);
      const columns = [
        { title: "" },
        { title: "RELEASE", flexible: true },
        { title: "SIZE", right: true },
        { title: "STAGED" },
        { title: "HEALTH" },
      ];
      screen.print(renderTable(columns, rows, screen));
    }
    return exitCodes.done;
  },
});
