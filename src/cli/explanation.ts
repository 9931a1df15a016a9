import { exampleBlock } from "../config/example-block.ts";
import { rolloutOptions, windowOptions } from "../config/rollout-options.ts";
import {
  artifactOptions,
  followOptions,
  healthOptions,
  mainBlocks,
  mainOptions,
  serviceBlocks,
  serviceOptions,
  trustOptions,
} from "../config/schemas.ts";
import { didYouMean } from "../domain/did-you-mean.ts";
import { failure } from "../domain/failures/failure.ts";
import type { Schema } from "../domain/options.ts";
import { templateFields } from "../domain/template.ts";
import { archives } from "../drivers/archives/registry.ts";
import { hooks } from "../drivers/hooks/registry.ts";
import { probes } from "../drivers/probes/registry.ts";
import { repositories } from "../drivers/repositories/registry.ts";
import { stores } from "../drivers/stores/registry.ts";
import type { explainTopics } from "./explain-topics.ts";
import { plainSchema, renderSchema } from "./render/schema.ts";
import { wrapText } from "./render/wrap.ts";
import type { Screen } from "./screen.ts";

type Topic = (typeof explainTopics)[number];
type Look = Pick<Screen, "paint" | "columns">;

/** One page, for a person and for a program. */
export interface Explanation {
  readonly text: string;
  readonly json: unknown;
}

/** A titled list of settings. */
interface Section {
  readonly title: string;
  readonly summary?: string;
  readonly schema?: Schema;
  readonly lines?: readonly string[];
}

/** What is asked for; `topic` is one of the known words or nothing. */
export function explanationOf(topic: string | undefined, name: string | undefined, look: Look): Explanation {
  const sections = sectionsOf(topic as Topic | undefined, name);
  return {
    text: sections.map((section) => renderSection(section, look)).join("\n\n"),
    json: { sections: sections.map(plain) },
  };
}

function sectionsOf(topic: Topic | undefined, name: string | undefined): readonly Section[] {
  switch (topic) {
    case undefined:
      return [overview];
    case "main":
      return [{ title: "The main file", schema: mainOptions, lines: blocksLine(mainBlocks) }];
    case "service":
      return [{ title: 'service "<name>" { … }', schema: serviceOptions, lines: blocksLine(serviceBlocks) }];
    case "artifact":
      return [
        {
          title: 'artifact "<repository>" { … }',
          summary: "What every artifact block may hold, beside what its repository asks for.",
          schema: artifactOptions,
          lines: listed("Repositories (dropship explain repo NAME):", repositories.all),
        },
        followSection,
      ];
    case "repo":
      return explainRepository(name);
    case "hook":
      return explainHook(name);
    case "health":
      return explainHealth(name);
    case "archive":
      return explainArchive(name);
    case "lock":
      return explainLock(name);
    case "rollout":
      return [rolloutSection, windowSection];
    case "window":
      return [windowSection];
    case "trust":
      return [trustSection];
    case "template":
      return [templates];
  }
}

const overview: Section = {
  title: "A configuration is one main file and any number of service files (*.hcl in service_path):",
  lines: [
    "",
    '  repo "s3" { … }                  where artifacts live, and the keys to it   dropship explain repo',
    '  service "web" {                  one application on this host               dropship explain service',
    '    artifact "s3" { … }            the object that it follows                 dropship explain artifact',
    '    before "script" { … }          run before the switch                      dropship explain hook',
    '    after "script" { … }           run after it',
    '    success "graphite-event" { … } run when the new release is good',
    '    failure "script" { … }         run when it is not',
    '    health "http" { … }            how to see that it is well                 dropship explain health',
    "    rollout { … }                  how the hosts of a fleet take turns        dropship explain rollout",
    "    trust { … }                    whose signature a release must have        dropship explain trust",
    "  }",
    '  lock "consul" { … }              where they meet, if not in the repository  dropship explain lock',
    "",
    'Any value may be env("NAME") or file("path"). Texts of hooks may hold {{.Name}} and the like',
    "(dropship explain template). What archives are understood: dropship explain archive.",
  ],
};

const followSection: Section = {
  title: "To follow what was pushed, instead of one object",
  summary: "With channel or version, the path of the artifact is the folder that releases are pushed to.",
  schema: followOptions,
  lines: [
    "",
    "Example:",
    '  artifact "s3" {',
    '    bucket      = "releases"',
    '    path        = "web"',
    '    channel     = "stable"',
    '    destination = "/srv/web"',
    "  }",
  ],
};

const trustSection: Section = {
  title: "trust { … }",
  summary:
    "Stands in a service, or in the main file for all services: what a service says overrules it setting by setting, its keys all of the main file's. A service with it takes only releases that one of the keys signed; without it, unsigned ones, too.",
  schema: trustOptions,
};

const rolloutSection: Section = {
  title: "rollout { … }",
  summary:
    "Stands in a service, or in the main file for all services: what a service says overrules it setting by setting, its windows all of the main file's. sequentialUpdates = true is rollout { limit = 1 }; sequentialUpdates = false leaves a service out.",
  schema: rolloutOptions,
  lines: [
    "",
    "Example:",
    "  rollout {",
    '    limit = "10%"',
    '    bake  = "5m"',
    '    window "nights" {',
    '      days = ["mon-fri"]',
    '      from = "22:00"',
    '      to   = "04:00"',
    '      zone = "Europe/Berlin"',
    "    }",
    "  }",
  ],
};

const windowSection: Section = {
  title: 'window { … } or window "<name>" { … }, in a rollout',
  summary: "Updates begin only in a window; without one, at any time. Any number of them.",
  schema: windowOptions,
};

const templates: Section = {
  title: "Templates",
  summary:
    'Settings marked "template" may hold {{.Field}}, with trim markers ({{- .Name -}}), {{index .Artifact "content-type"}}, texts and comments. Anything else is refused when the configuration is loaded.',
  lines: ["", ...Object.entries(templateFields).map(([name, what]) => `  ${`{{.${name}}}`.padEnd(22)}${what}`)],
};

function blocksLine(names: readonly string[]): readonly string[] {
  return ["", `Blocks: ${names.join(", ")}.`];
}

function listed(title: string, all: readonly { readonly name: string; readonly summary: string }[]): readonly string[] {
  const width = Math.max(0, ...all.map(({ name }) => name.length)) + 2;
  return ["", title, ...all.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`)];
}

function explainRepository(name: string | undefined): readonly Section[] {
  if (name === undefined)
    return [{ title: 'repo "<repository>" { … }', lines: listed("Known are:", repositories.all) }];
  const { summary, options, artifact } = found(repositories, name);
  const needed = Object.values(options).some(({ required }) => required);
  const repo = {
    title: `repo "${name}" { … }`,
    summary: needed ? summary : `${summary} The block may be left out.`,
    schema: options,
  };
  const must = Object.entries(artifact).filter(([, option]) => option.required);
  const example = exampleBlock("artifact", name, {
    ...(must.length > 0 ? Object.fromEntries(must) : artifact),
    destination: artifactOptions.destination,
  });
  return [
    repo,
    {
      title: `artifact "${name}" { … }`,
      schema: artifact,
      lines: [
        "",
        ...example
          .trimEnd()
          .split("\n")
          .map((line) => `  ${line}`),
      ],
    },
  ];
}

function explainLock(name: string | undefined): readonly Section[] {
  if (name === undefined) {
    const beside = repositories.all.filter(({ store }) => store !== undefined).map(({ name: word }) => `"${word}"`);
    const summary = `In the main file, at most once: where the hosts of all coordinated services meet. Without it they meet beside the artifact, if that is in a repository that can do it: ${beside.join(" or ")}.`;
    return [
      { title: 'lock "<store>" { … }', summary, lines: listed("Stores (dropship explain lock NAME):", stores.all) },
    ];
  }
  const { summary, options } = found(stores, name);
  return [{ title: `lock "${name}" { … }`, summary, schema: options }];
}

function explainHook(name: string | undefined): readonly Section[] {
  const stages =
    "A hook stands in one of four blocks: before, after, success, failure; they run in the order of the file.";
  if (name === undefined) {
    return [{ title: 'before "<hook>" { … }', summary: stages, lines: listed("Known are:", hooks.all) }];
  }
  const { summary, options } = found(hooks, name);
  return [{ title: `before "${name}" { … }`, summary, schema: options }];
}

function explainHealth(name: string | undefined): readonly Section[] {
  const common: Section = {
    title: 'health "<probe>" { … }',
    summary: "What every health block may hold. All of a service's probes must pass.",
    schema: healthOptions,
    ...(name === undefined && { lines: listed("Probes (dropship explain health NAME):", probes.all) }),
  };
  if (name === undefined) return [common];
  const { summary, options } = found(probes, name);
  return [{ title: `health "${name}" { … }`, summary, schema: options }, common];
}

function explainArchive(name: string | undefined): readonly Section[] {
  if (name === undefined) {
    const summary = "An artifact is recognised by its first bytes; content-type overrules them.";
    return [{ title: "Archives", summary, lines: listed("Known are:", archives.all) }];
  }
  const { summary, contentTypes } = found(archives, name);
  return [
    {
      title: name,
      summary,
      lines: contentTypes.length === 0 ? [] : ["", `Content types: ${contentTypes.join(", ")}.`],
    },
  ];
}

function found<Definition extends { readonly name: string }>(
  family: { readonly kind: string; readonly all: readonly Definition[]; find(name: string): Definition | undefined },
  name: string,
): Definition {
  const definition = family.find(name);
  if (definition !== undefined) return definition;
  const names = family.all.map((one) => one.name);
  throw failure("argument-unknown", {
    argument: family.kind,
    word: name,
    hint: didYouMean(name, names),
    known: names.join(", "),
  });
}

function renderSection({ title, summary, schema, lines }: Section, look: Look): string {
  return [
    look.paint("bold", title),
    ...(summary === undefined ? [] : wrapText(summary, look.columns)),
    ...(schema === undefined ? [] : ["", ...renderSchema(schema, look)]),
    ...(lines ?? []),
  ].join("\n");
}

function plain({ title, summary, schema, lines }: Section) {
  return {
    title,
    ...(summary !== undefined && { summary }),
    ...(schema !== undefined && { options: plainSchema(schema) }),
    ...(lines !== undefined && { text: lines.join("\n").trim() }),
  };
}
