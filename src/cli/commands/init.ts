import { dirname, join } from "node:path";
import type { Finding } from "../../agent/doctor/finding.ts";
import type { FirstService } from "../../config/first-service.ts";
import type { Loaded } from "../../config/load.ts";
import { exitCodes } from "../../domain/failures/entry.ts";
import { failure } from "../../domain/failures/failure.ts";
import type { SetUpDesk } from "../../platform/set-up-desk.ts";
import { defineCommand, type Given, someService } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { countFindings, renderFinding } from "../render/finding.ts";
import { answersOf } from "../set-up-answers.ts";

export const init = defineCommand({
  name: "init",
  summary: "Declare a first service: write its file, judge it, and try what its updates need.",
  details:
    "On a terminal it asks for what was not given; elsewhere it does not ask. The service is stopped and started by systemctl when a unit of its name is on this host. Nothing that is there is overwritten: to the main file at most a repo block is added. A file that is refused is taken away again.",
  operands: [someService],
  flags: {
    from: { summary: "The artifact: s3://BUCKET/KEY, http://… or https://…, or an absolute path.", value: "ADDRESS" },
    destination: { summary: "Where it goes. Default: /srv/SERVICE.", value: "PATH", isFile: true },
    unit: {
      summary: "The systemd unit that runs it. Default: that of the service's name, if there is one.",
      value: "UNIT",
    },
    stop: { summary: "The command that stops the service, in place of a unit's.", value: "COMMAND" },
    start: { summary: "The command that starts it.", value: "COMMAND" },
    health: { summary: "An address that answers when it is well, or a command.", value: "URL|COMMAND" },
    region: { summary: "Of the bucket.", value: "REGION" },
    endpoint: { summary: "Of an S3 store that is not Amazon's.", value: "URL" },
  },
  examples: [
    ["dropship init", "on a terminal: asks"],
    ["dropship init web --from s3://releases/web/web.tar.gz --region eu-central-1", "a bucket, and the unit web"],
    ["dropship init web --from https://files.example.com/web.tar.gz --health http://127.0.0.1:8080/", "a web server"],
  ],
  json: '{ "service", "file", "text", "main": the main file when it was written or added to, "findings": as doctor has them }',
  async run(context, given) {
    const desk = await context.setUpDesk();
    const before = desk.read(context.configFile) === undefined ? undefined : await context.configuration();
    const answers = await answersOf(given, context.screen.json ? { ...desk, ask: undefined } : desk);
    const folder = before?.servicePath ?? join(dirname(context.configFile), "services");
    const file = join(folder, `${answers.name}.hcl`);
    if (before?.services.some(({ name }) => name === answers.name))
      throw failure("set-up-taken", { what: `A service "${answers.name}"` });
    const { serviceFile } = await import("../../config/first-service.ts");
    const text = serviceFile(answers);
    if (!desk.create(file, text)) throw failure("set-up-taken", { what: file });
    const main = await writeMain(context, desk, { folder, given, answers }).catch((thrown) => {
      desk.remove(file);
      throw thrown;
    });
    const loaded = await context.load();
    if (loaded.configuration === undefined) {
      desk.remove(file);
      main?.undo();
      // Shows what is wrong, and throws: what was written is gone again, but not from what was read.
      return refuse(context, loaded);
    }
    return await tell(context, { loaded, answers, file, text, ...(main && { main: context.configFile }) });
  },
});

interface Written {
  undo(): void;
}

/** A main file, or what an existing one lacks to find the bucket; undefined when nothing was to be written. */
async function writeMain(
  { configFile }: CommandContext,
  desk: SetUpDesk,
  { folder, given, answers }: { readonly folder: string; readonly given: Given; readonly answers: FirstService },
): Promise<Written | undefined> {
  const { bucketPlace } = await import("../../config/first-service.ts");
  const { region, endpoint } = given.flags;
  const place =
    answers.source.repository === "s3"
      ? bucketPlace({ ...(region && { region }), ...(endpoint && { endpoint }) })
      : undefined;
  const found = desk.read(configFile);
  if (found === undefined) {
    desk.create(configFile, `service_path = ${JSON.stringify(folder)}\n${place === undefined ? "" : `\n${place}`}`);
    return { undo: () => desk.remove(configFile) };
  }
  if (place === undefined || /^\s*repo\s+"s3"/m.test(found)) return undefined;
  desk.replace(configFile, `${found.replace(/\n?$/, "\n")}\n${place}`);
  return { undo: () => desk.replace(configFile, found) };
}

async function refuse({ screen, configFile }: CommandContext, { diagnostics }: Loaded): Promise<never> {
  const { renderDiagnostics } = await import("../../config/render-diagnostics.ts");
  if (!screen.json) screen.complain(renderDiagnostics(diagnostics, { colour: screen.noteColour }));
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  throw failure("config-refused", { file: configFile, errors: errors.length, first: errors[0]?.message ?? "" });
}

interface Outcome {
  readonly loaded: Loaded;
  readonly answers: FirstService;
  readonly file: string;
  readonly text: string;
  readonly main?: string;
}

async function tell({ screen, examine }: CommandContext, outcome: Outcome): Promise<number> {
  const { loaded, answers, file, text, main } = outcome;
  if (!screen.json) screen.print(`${screen.paint("bold", file)}\n${text}`);
  if (!screen.json && main !== undefined) screen.print(`${screen.paint("bold", main)} was written too.\n`);
  const findings: Finding[] = [];
  await examine(loaded, answers.name, (finding) => {
    findings.push(finding);
    if (!screen.json && !(screen.quiet && finding.result === "ok")) screen.print(renderFinding(finding, screen));
  });
  if (screen.json)
    screen.printJson({ service: answers.name, file, text, ...(main !== undefined && { main }), findings });
  else screen.print(`\n${countFindings(findings)}\n${next}`);
  return findings.some(({ result }) => result === "failed") ? exitCodes.failed : exitCodes.done;
}

const next = `next: "dropship check" tells what an update would change; an agent that runs takes it on with "dropship reload",
      and "systemctl start dropship" starts one.`;
