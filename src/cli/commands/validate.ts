import type { Diagnostic } from "../../config/diagnostic.ts";
import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand } from "../command.ts";

export const validate = defineCommand({
  name: "validate",
  summary: "Judge the configuration: every mistake of every file, with its place.",
  details:
    "The exit code is 0 when an agent would accept it and 4 when not. Permissions are judged as well when this runs as root.",
  examples: [
    ["dropship validate", "the configuration of this host"],
    ["dropship validate --config ./dropship.hcl", "one that is still to be installed"],
  ],
  json: '{ "file", "valid", "services": [name, …], "diagnostics": [{ severity, message, place: { file, line, column }, expected, remedy, excerpt, also }, …] }',
  async run({ screen, configFile, load }) {
    const { configuration, diagnostics } = await load();
    const good = configuration !== undefined;
    const services = configuration?.services.map(({ name }) => name) ?? [];
    if (screen.json) {
      screen.printJson({ file: configFile, valid: good, services, diagnostics });
    } else {
      const { renderDiagnostics } = await import("../../config/render-diagnostics.ts");
      if (diagnostics.length > 0) screen.complain(renderDiagnostics(diagnostics, { colour: screen.noteColour }));
      const counted = countOf(diagnostics);
      const names =
        services.length === 0 ? "no services" : `${plural(services.length, "service")} (${services.join(", ")})`;
      if (good && !screen.quiet) screen.print(`${screen.paint("green", "good:")} ${configFile}: ${names}${counted}`);
      if (!good) screen.complain(`${configFile} is refused${counted}`);
    }
    return good ? exitCodes.done : exitCodes.config;
  },
});

/** `, 2 errors, 1 warning`, or nothing. */
function countOf(diagnostics: readonly Diagnostic[]): string {
  return (["error", "warning"] as const)
    .map((severity) => [diagnostics.filter((one) => one.severity === severity).length, severity] as const)
    .filter(([count]) => count > 0)
    .map(([count, severity]) => `, ${plural(count, severity)}`)
    .join("");
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
