import { type FailureNote, failure } from "../../domain/failures/failure.ts";
import { duration, name, table } from "../../domain/options.ts";
import type { ProcessResult } from "../../platform/ports.ts";
import { defineDriver } from "../driver.ts";
import type { Hook, HookPorts, HookResult } from "./hook.ts";

/** Of each run; the last ones. */
const outputLimit = 64 * 1024;
/** EX_TEMPFAIL of sysexits.h. */
const notNow = 75;

/** Runs a command by `bash -c`; needs /bin/bash. Its exit code decides: 0 done, 75 "not now", anything else failed. */
export const script = defineDriver({
  name: "script",
  summary:
    "Runs a command with `bash -c` in the destination, if there is one yet. Exit code 0 lets the update go on, 75 means " +
    '"not now", anything else fails. It is told about the update by DROPSHIP_… variables. It may run twice when the agent ' +
    "was interrupted.",
  options: {
    command: name({
      summary: "What bash runs. It is no template: use the variables, such as $DROPSHIP_HASH.",
      required: true,
      example: "systemctl restart web",
    }),
    timeout: duration({
      summary: "After this it is ended, with every process that it started.",
      default: 300_000,
    }),
    grace: duration({
      summary: "Time between the polite signal (SIGTERM) and the one that cannot be refused (SIGKILL).",
      default: 10_000,
    }),
    user: name({ summary: "The user that it runs as, by name or number; only an agent that runs as root can choose." }),
    env: table({ summary: "More variables for its environment.", example: '{ PORT = "8080" }' }),
  },
  create(options, ports: HookPorts): Hook {
    const label = `script (${ports.where})`;
    return {
      label,
      decides: true,
      async run({ environment, directory, signal }): Promise<HookResult> {
        const result = await ports.processes.run({
          command: options.command,
          environment: { ...options.env, ...environment },
          directory,
          elseDirectory: "/",
          ...(options.user !== undefined && { user: options.user }),
          timeout: options.timeout,
          grace: options.grace,
          outputLimit,
          signal,
        });
        const problem = problemOf(label, result);
        return {
          outcome: outcomeOf(result),
          ...(problem !== undefined && { failure: problem }),
          output: readable(result),
          duration: result.duration,
        };
      },
    };
  },
});

function outcomeOf({ how, code }: ProcessResult): HookResult["outcome"] {
  if (how !== "exited") return "failed";
  if (code === 0) return "done";
  return code === notNow ? "not-now" : "failed";
}

function problemOf(hook: string, { how, code, detail, output }: ProcessResult): FailureNote | undefined {
  switch (how) {
    case "exited":
      if (code === 0) return undefined;
      if (code === notNow) return failure("hook-not-now", { hook }).note;
      return failure("hook-failed", { hook, code: code ?? 1, last: lastWords(output) }).note;
    case "signalled":
      return failure("hook-signalled", { hook, signal: detail ?? "a signal" }).note;
    case "timed-out":
      return failure("hook-timed-out", { hook, detail: detail ?? "it was ended" }).note;
    case "stopped":
      return failure("hook-stopped", { hook, detail: detail ?? "it was ended" }).note;
    case "not-started":
      return failure("hook-not-started", { hook, reason: detail ?? "no reason is known" }).note;
  }
}

/** The last line that says something, as what was said. */
function lastWords(output: string): string {
  const line = output
    .split(/[\r\n]+/)
    .findLast((one) => one.trim() !== "")
    ?.trim();
  return line === undefined ? "" : `; it printed last: "${line.length > 200 ? `${line.slice(0, 200)}…` : line}"`;
}

function readable({ how, output, dropped, detail }: ProcessResult): string {
  const cut = dropped > 0 ? `(${dropped} bytes before this were not kept)\n` : "";
  const note = how === "exited" && detail !== undefined ? `(${detail})\n` : "";
  return `${cut}${output}${output === "" || output.endsWith("\n") || note === "" ? "" : "\n"}${note}`;
}
