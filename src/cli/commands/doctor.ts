import type { Finding } from "../../agent/doctor/finding.ts";
import type { Loaded } from "../../config/load.ts";
import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand, someService } from "../command.ts";
import { countFindings, renderFinding } from "../render/finding.ts";

export const doctor = defineCommand({
  name: "doctor",
  summary: "Try everything that updates need, without an update: disk, credentials, stores, clock, limits.",
  details:
    "It works beside a running agent, which it does not disturb, and without one. Each check has a deadline. The exit code is 0 when no check failed (warnings do not count), 1 when one did, and 4 when the configuration is refused.",
  operands: [someService],
  examples: [
    ["dropship doctor", "this host and all its services"],
    ["dropship doctor web", "this host and one service"],
    ["dropship doctor --json | jq '.findings[] | select(.result != \"ok\")'", "what a monitor would want to know"],
  ],
  json: '{ "findings": [{ check, service, result: "ok"|"warning"|"failed", sentence, remedy, parts: [{ check, passed, observed }, …] }, …] }',
  async run({ screen, configFile, load, examine }, { operands }) {
    const loaded = await load();
    const findings: Finding[] = [];
    const tell = (finding: Finding) => {
      findings.push(finding);
      if (!screen.json && !(screen.quiet && finding.result === "ok")) screen.print(renderFinding(finding, screen));
    };
    tell(judgeConfiguration(configFile, loaded));
    await examine(loaded, operands["service"], tell);
    if (screen.json) screen.printJson({ findings });
    else if (!screen.quiet) screen.print(`\n${countFindings(findings)}`);
    if (loaded.configuration === undefined) return exitCodes.config;
    return findings.some(({ result }) => result === "failed") ? exitCodes.failed : exitCodes.done;
  },
});

function judgeConfiguration(file: string, { configuration, diagnostics }: Loaded): Finding {
  const check = "configuration";
  const remedy = `Run "dropship validate --config ${file}" to see every one with its place.`;
  const first = diagnostics.find(({ severity }) => severity === "error") ?? diagnostics[0];
  const place =
    first === undefined
      ? ""
      : first.place.line > 0
        ? `${first.place.file}:${first.place.line}: `
        : `${first.place.file}: `;
  if (configuration === undefined)
    return { check, result: "failed", sentence: `${file} is refused: ${place}${first?.message ?? ""}.`, remedy };
  if (first !== undefined) return { check, result: "warning", sentence: `${place}${first.message}.`, remedy };
  const count = configuration.services.length;
  return { check, result: "ok", sentence: `${file} is good: ${count} ${count === 1 ? "service" : "services"}.` };
}
