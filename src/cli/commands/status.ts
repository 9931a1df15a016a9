import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand, someService } from "../command.ts";
import { renderStatus, renderStatuses } from "../render/status.ts";

export const status = defineCommand({
  name: "status",
  summary: "Show what runs, what is wanted and how healthy it is.",
  operands: [someService],
  examples: [
    ["dropship status", "all services, one a line"],
    ["dropship status web", "everything about one"],
  ],
  json: '{ "services": [status, …] }; a status has service, artifact, destination, state, wanted, running, health, pinned, paused, broken, denied, lastCheck, nextCheck, lastUpdate, progress, waiting, fleet: { host, group, place, safety, seen: { at, phase, release, done, hosts, halt, slot } }',
  async run({ screen, now, withReadings }, { operands: { service } }) {
    const statuses = await withReadings((readings) => readings.status(service));
    const [first] = statuses;
    if (screen.json) screen.printJson({ services: statuses });
    else if (service !== undefined && first) screen.print(renderStatus(first, now(), screen));
    else screen.print(renderStatuses(statuses, now(), screen));
    return exitCodes.done;
  },
});
