import { name, table } from "../../domain/options.ts";
import type { ProcessResult } from "../../platform/ports.ts";
import { defineDriver } from "../driver.ts";
import { probing } from "./answer.ts";
import type { Probe, ProbeAnswer, ProbePorts } from "./probe.ts";

const outputLimit = 4096;
/** Milliseconds between the polite signal and the one that cannot be refused. */
const grace = 1000;
/** A probe has a time-out of its own; this only ends the script a little before it, so that its output is kept. */
const margin = 0.95;

/** Healthy when a command exits with 0. */
export const script = defineDriver({
  name: "script",
  summary: "The service is healthy when a command, run with `bash -c` in the destination, exits with 0.",
  options: {
    command: name({ summary: "What bash runs.", required: true, example: "bin/selftest --quick" }),
    user: name({ summary: "The user that it runs as, by name or number; only an agent that runs as root can choose." }),
    env: table({ summary: "More variables for its environment." }),
  },
  create(options, ports: ProbePorts): Probe {
    return {
      label: `health script (${ports.where})`,
      check: ({ environment, directory, signal, timeout }) =>
        probing(ports.clock, signal, async () =>
          answerOf(
            await ports.processes.run({
              command: options.command,
              environment: { ...options.env, ...environment },
              directory,
              elseDirectory: "/",
              ...(options.user !== undefined && { user: options.user }),
              timeout: timeout * margin,
              grace,
              outputLimit,
              signal,
            }),
          ),
        ),
    };
  },
});

function answerOf({ how, code, detail, output }: ProcessResult): ProbeAnswer {
  const line =
    output
      .trim()
      .split(/[\r\n]+/)
      .at(-1) ?? "";
  const said = line === "" ? "" : `: ${line.slice(0, 200)}`;
  if (how === "exited") return { healthy: code === 0, detail: `exit code ${code}${said}` };
  return { healthy: false, detail: `${words[how]}${detail ? `, ${detail}` : ""}${said}` };
}

const words = {
  signalled: "ended from outside",
  "timed-out": "took too long",
  stopped: "took too long",
  "not-started": "could not be started",
} as const;
