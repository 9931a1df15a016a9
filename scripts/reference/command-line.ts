import { type Command, type Flag, globalFlags, shortFlags, usagesOf } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { code, type Page, page, plain, table } from "./page.ts";

export function commandLinePage(): Page {
  return page(
    "command-line",
    "Command line",
    "Results go to standard output, remarks and failures to standard error. Exit codes: [exit-codes.md](exit-codes.md). From a clone, write `npx dropship`.",
    "Every command takes:",
    flagTable(globalFlags),
    'With `--json` a failure is `{ "type": "failure", "failure": { code, sentence, remedy } }`. Moments are milliseconds since 1970, durations milliseconds, sizes bytes. Names are only ever added.',
    ...commands.flatMap(section),
  );
}

function section(command: Command): readonly string[] {
  const { name, summary, details, verbs = [], examples, json } = command;
  const flags = Object.assign({}, command.flags, ...verbs.map((verb) => verb.flags)) as Command["flags"];
  return [
    `## ${name}`,
    ...usagesOf(command).map(code),
    plain(summary),
    ...(details === undefined ? [] : [plain(details)]),
    ...(verbs.length === 0
      ? []
      : [
          table(
            ["verb", "does"],
            verbs.map((verb) => [code(verb.name), verb.summary]),
          ),
        ]),
    ...(Object.keys(flags).length === 0 ? [] : [flagTable(flags)]),
    table(
      ["example", "does"],
      examples.map(([example, does]) => [code(example), does]),
    ),
    `With \`--json\`: ${plain(json)}.`,
  ];
}

function flagTable(flags: Readonly<Record<string, Flag>>): string {
  return table(
    ["flag", "meaning"],
    Object.entries(flags).map(([name, { summary, value }]) => {
      const short = Object.entries(shortFlags).find(([, long]) => long === name)?.[0];
      return [[...(short ? [`-${short}`] : []), `--${name}${value ? ` ${value}` : ""}`].map(code).join(", "), summary];
    }),
  );
}
