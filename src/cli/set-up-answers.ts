import { type FirstService, readSource, type Source } from "../config/first-service.ts";
import { failure } from "../domain/failures/failure.ts";
import { isServiceName } from "../domain/service.ts";
import { shellWord } from "../domain/shell-word.ts";
import type { SetUpDesk } from "../platform/set-up-desk.ts";
import type { Given } from "./command.ts";

type Desk = Pick<SetUpDesk, "ask" | "units">;

/**
 * What was given, and what a person answers to the rest. Fails with "set-up-lacks" when something is missing and nobody is
 * there, and with "set-up-address".
 */
export async function answersOf({ operands, flags }: Given, desk: Desk): Promise<FirstService> {
  const answer = async (given: string | undefined, question: string, otherwise: string) =>
    given ?? ((await desk.ask?.(question, otherwise)) || undefined) ?? (otherwise || undefined);
  const name = await answer(operands["service"], "Name of the service", "");
  if (name === undefined) throw failure("set-up-lacks", { what: "the service", write: "SERVICE --from ADDRESS" });
  if (!isServiceName(name)) throw failure("set-up-name", { name });
  const source = await sourceOf(
    await answer(flags["from"], "Its artifact (s3://BUCKET/KEY, https://…, /path)", ""),
    name,
  );
  const destination = (await answer(flags["destination"], "Where it goes", `/srv/${name}`)) ?? "";
  const commands = await commandsOf(flags, name, desk);
  const health =
    flags["health"] ??
    ((await desk.ask?.("How to see that it is well (address or command, empty: not)", "")) || undefined);
  return { name, source, destination, health, ...commands };
}

async function sourceOf(address: string | undefined, name: string): Promise<Source> {
  if (address === undefined)
    throw failure("set-up-lacks", { what: "where the artifact is", write: `${name} --from s3://BUCKET/KEY` });
  const source = readSource(address);
  if (source === undefined) throw failure("set-up-address", { address });
  return source;
}

/** A unit is stopped and started; commands that were given overrule it. */
async function commandsOf(
  flags: Given["flags"],
  name: string,
  { ask, units }: Desk,
): Promise<{ readonly stop: string | undefined; readonly start: string | undefined }> {
  const { stop, start } = flags;
  if (stop !== undefined || start !== undefined) return { stop, start };
  const known = flags["unit"] === undefined ? await units() : [];
  const likely = known.includes(name) ? name : (known.find((unit) => unit.includes(name)) ?? "");
  // Nobody is there to agree: only the very name counts.
  const own = known.includes(name) ? name : undefined;
  const unit = flags["unit"] ?? (ask ? await ask("The systemd unit that runs it (none: -)", likely || "-") : own);
  if (unit === undefined || unit === "-") return { stop: undefined, start: undefined };
  const word = shellWord(unit.replace(/\.service$/, ""));
  return { stop: `systemctl stop ${word}`, start: `systemctl start ${word}` };
}
