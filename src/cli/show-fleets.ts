import { exitCodes } from "../domain/failures/entry.ts";
import { asFailure, type Failure, failure } from "../domain/failures/failure.ts";
import type { CommandContext } from "./context.ts";
import { isCoordinated } from "./fleet-access.ts";
import { type RolloutView, viewOf } from "./fleet-view.ts";
import { renderFleets } from "./render/fleets.ts";
import { worstOf } from "./render/outcome.ts";

/** How one coordinated service fares, or why that cannot be told. */
export type FleetGlance = { readonly view: RolloutView } | { readonly service: string; readonly failure: Failure };

/** All coordinated services of the configuration, one a line. Resolves to the exit code. */
export async function showFleets(context: CommandContext, group: string | undefined): Promise<number> {
  const { screen, now } = context;
  const { services, file } = await context.configuration();
  const names = services.filter(isCoordinated).map(({ name }) => name);
  if (names.length === 0) throw failure("nothing-coordinated", { file });
  const glances = await Promise.all(names.map((name) => glance(context, name, group)));
  if (screen.json) screen.printJson({ rollouts: glances.map(plain) });
  else screen.print(renderFleets(glances, now(), screen));
  return worstOf(glances.map(codeOf));
}

async function glance(context: CommandContext, service: string, group: string | undefined): Promise<FleetGlance> {
  try {
    return await context.withFleet(service, group, async (desk) => ({
      view: viewOf(desk, await desk.look(), context.now()),
    }));
  } catch (thrown) {
    const met = asFailure(thrown);
    // Whoever gives up gives up all of it.
    if (met.code === "stopped-asking" || met.code === "unexpected") throw thrown;
    return { service, failure: met };
  }
}

function plain(one: FleetGlance) {
  return "view" in one ? one.view : { service: one.service, failure: one.failure.note };
}

function codeOf(one: FleetGlance): number {
  if ("failure" in one) return one.failure.exitCode;
  return one.view.summary?.phase === "halted" ? exitCodes.halted : exitCodes.done;
}
