import type { Milliseconds } from "../../src/domain/duration.ts";
import type { Processes, ProcessRequest, ProcessResult } from "../../src/platform/ports.ts";
import type { Published } from "./depot.ts";
import type { Life } from "./life.ts";

/** The service of a host: a process that outlives the agent. */
export interface Service {
  /** Whose content it was started from; undefined: it is down. */
  runs: string | undefined;
  since: Milliseconds;
  /** Nothing is healthy here, whatever runs: the machine itself is sick. */
  sick: boolean;
}

/** What a release of a quality does on a host at this moment. */
export function isHealthy(
  service: Service,
  release: Published | undefined,
  { now, host, startup }: { readonly now: Milliseconds; readonly host: number; readonly startup: Milliseconds },
): boolean {
  const age = now - service.since;
  if (service.runs === undefined || service.sick || age < startup) return false;
  switch (release?.quality) {
    case "bad":
      return false;
    case "picky":
      return host % 3 !== 0;
    case "faint":
      return age < startup + 20_000;
    default:
      return true;
  }
}

/** How a hook goes. */
export type HookFate =
  | "well"
  /** Exit code 1, before or after it did its work. */
  | "fails at first"
  | "fails at last"
  /** Exit code 75. */
  | "not now"
  /** Until its deadline. */
  | "hangs"
  | "slow"
  /** Ended from outside. */
  | "killed";

export interface HookRun {
  readonly stage: "before" | "after" | "success" | "failure" | "probe";
  readonly attempt: string;
  /** The digest that is to run afterwards. */
  readonly digest: string;
  readonly rollback: boolean;
}

export interface ProcessesParts {
  readonly life: Life;
  readonly fate: () => HookFate;
  /** How long a hook takes that goes well. */
  readonly takes: (run: HookRun) => Milliseconds;
  /** A hook begins; it did its work. */
  readonly begins: (run: HookRun) => void;
  readonly works: (run: HookRun) => void;
  readonly healthy: () => boolean;
}

/** Hooks and probes, as the commands of this world: each is named by its stage. */
export function simulatedProcesses(parts: ProcessesParts): Processes {
  return {
    run(request) {
      const { command, environment } = request;
      const run: HookRun = {
        stage: command as HookRun["stage"],
        attempt: environment["DROPSHIP_UPDATE"] ?? "",
        digest: environment["DROPSHIP_HASH"] ?? "",
        rollback: environment["DROPSHIP_ROLLBACK"] === "1",
      };
      return run.stage === "probe" ? probe(parts, request) : hook(parts, run, request);
    },
  };
}

const result = (how: ProcessResult["how"], more: Partial<ProcessResult> = {}): ProcessResult => ({
  how,
  output: "",
  dropped: 0,
  duration: 1,
  ...more,
});

async function probe({ life, healthy }: ProcessesParts, { signal }: ProcessRequest): Promise<ProcessResult> {
  await life.clock.sleep(20, signal);
  return await life.call("probe", () => result("exited", { code: healthy() ? 0 : 1 }));
}

async function hook(parts: ProcessesParts, run: HookRun, request: ProcessRequest): Promise<ProcessResult> {
  const { life, fate, takes, begins, works } = parts;
  const { signal, timeout } = request;
  if (signal?.aborted) return result("stopped", { detail: "before it started" });
  const going = await life.call(`hook ${run.stage}`, () => {
    begins(run);
    return fate();
  });
  const pass = (duration: Milliseconds) =>
    life.clock.sleep(duration, signal).then(
      () => true,
      () => false,
    );
  if (going === "hangs") return (await pass(timeout)) ? result("timed-out") : result("stopped");
  if (going === "fails at first") return result("exited", { code: 1 });
  const duration = going === "slow" ? timeout * 0.9 : takes(run);
  if (!(await pass(duration / 2))) return result("stopped");
  if (going === "killed") return result("signalled", { detail: "SIGKILL" });
  if (going === "not now") return result("exited", { code: 75 });
  await life.call(`work ${run.stage}`, () => works(run));
  if (!(await pass(duration / 2))) return result("stopped");
  return result("exited", { code: going === "fails at last" ? 1 : 0 });
}
