import type { Loaded } from "../config/load.ts";
import type { ConfigPorts } from "../config/ports.ts";
import { exitCodes } from "../domain/failures/entry.ts";
import { asFailure, type Failure, failure } from "../domain/failures/failure.ts";
import type { Configuration } from "../domain/service.ts";
import type { SetUpDesk } from "../platform/set-up-desk.ts";
import type { AgentDoors } from "./agent-doors.ts";
import { commands } from "./commands.ts";
import type { CommandContext } from "./context.ts";
import { examineServices } from "./examine-services.ts";
import { withFleet } from "./fleet-access.ts";
import { type AccessOptions, withAgent, withOperations, withReadings } from "./operations-access.ts";
import { type Parsed, parseArguments } from "./parse-arguments.ts";
import { withPublishing } from "./publishing-access.ts";
import { firstSteps, helpOf } from "./render/help.ts";
import { createScreen, type Screen, type Stream, styled } from "./screen.ts";

const defaultConfig = "/etc/dropship.d/dropship.hcl";

/** Everything that the command line touches. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: Stream;
  readonly err: Stream;
  readonly doors: AgentDoors;
  readonly configPorts: () => ConfigPorts;
  /** The real one when left out. */
  readonly setUpDesk?: SetUpDesk;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onInterrupt: (interrupted: () => void) => Disposable;
  /** Asks the person at the terminal for what is not to be seen; left out where nobody is there. */
  readonly askSecret?: ((question: string) => Promise<string>) | undefined;
}

/** Runs one command line (without "node" and the script) and resolves to its exit code; it never rejects. */
export async function runCommandLine(words: readonly string[], world: World): Promise<number> {
  let screen = createScreen(world.out, world.err, looks(words, world));
  try {
    const parsed = parseArguments(words, commands);
    screen = createScreen(world.out, world.err, { ...looks([], world), ...chosenLooks(parsed) });
    if (parsed.command === undefined) {
      screen.print(parsed.flags["help"] === undefined ? firstSteps(screen) : helpOf(undefined, commands, screen));
      return exitCodes.done;
    }
    if (parsed.flags["help"] !== undefined) {
      screen.print(helpOf(parsed.command, commands, screen));
      return exitCodes.done;
    }
    return await parsed.command.run(contextOf(parsed, screen, world), parsed);
  } catch (thrown) {
    const met = asFailure(thrown);
    sayFailure(met, screen);
    return met.exitCode;
  }
}

/** How to show mistakes in the command line itself, before it was understood. */
function looks(words: readonly string[], { environment }: World) {
  return { json: words.includes("--json"), quiet: false, plain: words.includes("--no-color"), environment };
}

function chosenLooks({ flags }: Parsed) {
  const has = (name: string) => flags[name] !== undefined;
  return { json: has("json"), quiet: has("quiet"), plain: has("no-color") };
}

/** A person reads it on standard error; with `--json` a program also finds it on standard output. */
function sayFailure(met: Failure, screen: Screen): void {
  if (screen.json) screen.printJson({ type: "failure", failure: met.note });
  if (met.code === "detached") {
    screen.remark(`${met.message} ${met.remedy}`);
    return;
  }
  const mark = screen.noteColour ? styled(["bold", "red"], "error:") : "error:";
  screen.complain(`${mark} ${met.message}\n  ${met.remedy}`);
  if (met.code === "unexpected" && met.cause instanceof Error) screen.complain(met.cause.stack ?? met.cause.message);
}

function contextOf({ flags, command }: Parsed, screen: Screen, world: World): CommandContext {
  const configFile = flags["config"] ?? (world.environment["DROPSHIP_CONFIG"] || defaultConfig);
  const load = async (): Promise<Loaded> => {
    const { loadConfiguration } = await import("../config/load.ts");
    return loadConfiguration(configFile, world.configPorts());
  };
  const readAgain = async () => sound(await load(), configFile);
  const configuration = async (): Promise<Configuration> => await shownSound(await load(), configFile, screen);
  const access = async (): Promise<AccessOptions> => {
    const loaded = await load();
    return {
      screen,
      doors: world.doors,
      loaded,
      configuration: () => shownSound(loaded, configFile, screen),
      readAgain,
      what: `dropship ${command?.name ?? ""}`,
      onInterrupt: world.onInterrupt,
    };
  };
  const keys = { environment: world.environment, askSecret: world.askSecret };
  return {
    screen,
    keys,
    configFile,
    now: world.now,
    load,
    configuration,
    withOperations: async (use) => withOperations(await access(), use),
    withReadings: async (use) => withReadings(await access(), use),
    withAgent: async (use) => withAgent(await access(), use),
    examine: (loaded, service, onFinding) => examineServices({ screen, loaded, ...world }, service, onFinding),
    setUpDesk: async () => world.setUpDesk ?? (await import("../platform/set-up-desk.ts")).systemSetUpDesk(),
    async withFleet(service, group, use) {
      const loaded = await load();
      const own = await shownSound(loaded, configFile, screen);
      return await withFleet({ screen, secrets: loaded.secrets, configuration: own, ...world }, service, group, use);
    },
    withPublishing: (wish, use) =>
      withPublishing({ screen, load, configuration, onInterrupt: world.onInterrupt, ...keys }, wish, use),
    async runAgent(options) {
      const loaded = await load();
      const again = async () => {
        const next = await load();
        return { configuration: sound(next, configFile), secrets: next.secrets };
      };
      const first = await shownSound(loaded, configFile, screen);
      return await world.doors.run({ ...options, configuration: first, secrets: loaded.secrets, load: again });
    },
  };
}

/** The configuration when it has no errors; else the failure that names the first of them. */
function sound(loaded: Loaded, file: string): Configuration {
  if (loaded.configuration !== undefined) return loaded.configuration;
  const errors = errorsOf(loaded);
  const [first] = errors;
  const place = first && first.place.line > 0 ? `${first.place.file}:${first.place.line}:${first.place.column}: ` : "";
  throw failure("config-refused", { file, errors: errors.length, first: `${place}${first?.message ?? ""}` });
}

/** The same; what is wrong with it is shown in full before. */
async function shownSound(loaded: Loaded, file: string, screen: Screen): Promise<Configuration> {
  if (loaded.configuration !== undefined || screen.json) return sound(loaded, file);
  const { renderDiagnostics } = await import("../config/render-diagnostics.ts");
  screen.complain(renderDiagnostics(loaded.diagnostics, { colour: screen.noteColour }));
  throw failure("config-refused", { file, errors: errorsOf(loaded).length, first: "" });
}

function errorsOf({ diagnostics }: Loaded): Loaded["diagnostics"] {
  return diagnostics.filter(({ severity }) => severity === "error");
}
