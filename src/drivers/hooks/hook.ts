import type { Milliseconds } from "../../domain/duration.ts";
import type { FailureNote } from "../../domain/failures/failure.ts";
import type { HookStage } from "../../domain/service.ts";
import type { TemplateData } from "../../domain/template.ts";
import type { Clock, HttpClient, Logger, Processes, Random } from "../../platform/ports.ts";

export interface HookContext {
  readonly stage: HookStage;
  /** For `{{.Name}}` and the like. */
  readonly data: TemplateData;
  /** DROPSHIP_SERVICE, DROPSHIP_HASH, …: the whole of what a script is told. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where a script runs: the destination if it exists. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

export interface HookResult {
  /** "not-now": the hook asks to try again later (exit 75), without blame. */
  readonly outcome: "done" | "failed" | "not-now";
  readonly failure?: FailureNote;
  /** The end of what it printed. */
  readonly output?: string;
  readonly duration: Milliseconds;
}

export interface Hook {
  /** For messages: `script (web.hcl:12:3)`. */
  readonly label: string;
  /** Whether its outcome decides about the update and the next hook waits for it; an announcement never does (design: events never decide). */
  readonly decides: boolean;
  run(context: HookContext): Promise<HookResult>;
}

export interface HookPorts {
  /** `file:line:column` of the hook's block. */
  readonly where: string;
  readonly http: HttpClient;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Takes out of a text from outside what must not be shown. The output of `processes` has passed it already. */
  readonly conceal: (text: string) => string;
}
