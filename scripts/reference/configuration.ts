import { rolloutOptions, windowOptions } from "../../src/config/rollout-options.ts";
import {
  artifactOptions,
  followOptions,
  healthOptions,
  mainOptions,
  serviceOptions,
  trustOptions,
} from "../../src/config/schemas.ts";
import { formatDuration } from "../../src/domain/duration.ts";
import type { Option, Schema } from "../../src/domain/options.ts";
import { templateFields } from "../../src/domain/template.ts";
import { archives } from "../../src/drivers/archives/registry.ts";
import { hooks } from "../../src/drivers/hooks/registry.ts";
import { probes } from "../../src/drivers/probes/registry.ts";
import { repositories } from "../../src/drivers/repositories/registry.ts";
import { stores } from "../../src/drivers/stores/registry.ts";
import { code, type Page, page, table } from "./page.ts";

export function configurationPage(): Page {
  return page(
    "configuration",
    "Configuration reference",
    'The main file is `dropship.hcl`; services stand in it or in the `*.hcl` files of `service_path`. The syntax is HCL 1. Every value may also be written `env("NAME")` or `file("path")`. Unknown names are errors. `dropship validate` judges a configuration, `dropship explain` tells the same as this page.',
    "## Main file",
    optionTable(mainOptions),
    'Blocks: `repo "<repository>" { … }`, `service "<name>" { … }`, `lock "<store>" { … }`, `rollout { … }`, `trust { … }`.',
    "## service",
    '`service "<name>" { … }`, in the main file or in any service file, any number per file.',
    optionTable(serviceOptions),
    "Blocks: `artifact`, `before`, `after`, `success`, `failure`, `health`, `rollout`, `trust`.",
    "## artifact",
    '`artifact "<repository>" { … }`, exactly one per service. What every one may hold, beside what its repository asks for:',
    optionTable(artifactOptions),
    "With `channel` or `version` it follows what was pushed below its path; with neither, the object itself. See [following](../guide/following.md).",
    optionTable(followOptions),
    ...repositories.all.flatMap(({ name, summary, options, artifact }) => [
      `## Repository: ${name}`,
      summary,
      Object.keys(options).length > 0
        ? `### repo "${name}"\n\n${optionTable(options)}`
        : `It needs no \`repo "${name}"\` block.`,
      `### artifact "${name}"`,
      optionTable(artifact),
    ]),
    "## Archive formats",
    "An artifact is recognised by its first bytes; `content-type` overrules them.",
    table(
      ["format", "what it is", "content types"],
      archives.all.map(({ name, summary, contentTypes }) => [code(name), summary, contentTypes.map(code).join(", ")]),
    ),
    "## Hooks",
    "`before`, `after`, `success` and `failure` blocks, each of one of these kinds, run in the order of the file.",
    ...hooks.all.flatMap(({ name, summary, options }) => [`### ${name}`, summary, optionTable(options)]),
    "## Health",
    '`health "<probe>" { … }`, any number per service: all must pass. What every one may hold:',
    optionTable(healthOptions),
    ...probes.all.flatMap(({ name, summary, options }) => [`### ${name}`, summary, optionTable(options)]),
    "## Templates",
    'Options marked *template* may hold `{{.Field}}`, with trim markers (`{{- .Name -}}`) and `{{index .Artifact "content-type"}}`. Anything else is refused when the configuration is loaded.',
    table(
      ["field", "is"],
      Object.entries(templateFields).map(([name, what]) => [code(`{{.${name}}}`), what]),
    ),
    "## rollout",
    "`rollout { … }`, at most one per service, and one in the main file for all services: what a service says overrules it setting by setting, its windows all of the main file's. `sequentialUpdates = true` is `rollout { limit = 1 }`; `sequentialUpdates = false` leaves a service out. See [rollouts](../guide/rollouts.md).",
    optionTable(rolloutOptions),
    "### window",
    '`window { … }` or `window "<name>" { … }` in a rollout, any number. Updates begin only in a window; without one, at any time.',
    optionTable(windowOptions),
    "## trust",
    "`trust { … }`, at most one per service, and one in the main file for all services: what a service says overrules it setting by setting, its keys all of the main file's. It is for services that follow a channel or a version. See [following](../guide/following.md).",
    optionTable(trustOptions),
    "## lock",
    '`lock "<store>" { … }` in the main file, at most one: where the hosts of all coordinated services meet. Without it they meet beside the artifact, where its repository can do that.',
    ...stores.all.flatMap(({ name, summary, options }) => [`### lock "${name}"`, summary, optionTable(options)]),
  );
}

function optionTable(schema: Schema): string {
  const rows = Object.entries(schema).map(([name, option]) => [
    [name, ...(option.aliases ?? [])].map(code).join(" or "),
    option.type,
    option.required ? "required" : defaultOf(option),
    notes(option),
  ]);
  return rows.length === 0 ? "No options." : table(["option", "type", "default", "meaning"], rows);
}

function notes({ summary, template, secret, deprecated, example }: Option<unknown>): string {
  return [
    summary,
    template ? "*Template.*" : "",
    secret ? "*Secret: never shown.*" : "",
    deprecated ? `**Deprecated:** ${deprecated}.` : "",
    example === undefined ? "" : `Example: ${code(example.startsWith('"') ? example : JSON.stringify(example))}.`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function defaultOf({ type, default: value }: Option<unknown>): string {
  if (value === undefined) return "";
  if (type === "duration") return code(`"${formatDuration(value as number)}"`);
  if (type === "size") return code(`"${roundSize(value as number)}"`);
  if (type === "number or share") return code(String((value as { readonly count: number }).count));
  if (type === "mode") return code(`"0${(value as number).toString(8)}"`);
  return code(JSON.stringify(value));
}

/** In the largest unit that leaves a whole number. */
function roundSize(bytes: number): string {
  const units = ["GiB", "MiB", "KiB"];
  const power = units.findIndex((_unit, index) => bytes > 0 && bytes % 1024 ** (3 - index) === 0);
  return power === -1 ? String(bytes) : `${bytes / 1024 ** (3 - power)}${units[power]}`;
}
