import { type Command, type Flag, globalFlags, shortFlags, usageOf } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { code, type Page, page, plain, table } from "./page.ts";

export function commandLinePage(): Page {
  return page(
    "command-line",
    "Command line",
    "Results go to standard output, remarks and failures to standard error. Exit codes: [exit-codes.md](exit-codes.md). From a clone, write `npx dropship`.",
    "Every command takes:",
    flagTable(globalFlags),
    ...commands.flatMap(section),
  );
}

function section(command: Command): readonly string[] {
  const { name, summary, details, flags, examples } = command;
  return [
    `## ${name}`,
    code(usageOf(command)),
    plain(summary),
    ...(details === undefined ? [] : [plain(details)]),
    ...(Object.keys(flags).length === 0 ? [] : [flagTable(flags)]),
    table(
      ["example", "does"],
      examples.map(([example, does]) => [code(example), does]),
    ),
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
