import { type Command, type Flag, globalFlags, shortFlags, usagesOf } from "../command.ts";
import type { Screen } from "../screen.ts";
import { wrapText } from "./wrap.ts";

type Look = Pick<Screen, "paint" | "columns">;

/** What `dropship` alone prints: what it is, and the three things to try first. */
export function firstSteps({ paint }: Look): string {
  return `Dropship keeps the software on this host up to date: it follows artifacts in a repository,
installs what is new, looks whether it is healthy and goes back when it is not.

Try first:
  ${paint("bold", "dropship validate")}   judge the configuration, with the place of every mistake
  ${paint("bold", "dropship check")}      see what would be updated; nothing is changed
  ${paint("bold", "dropship agent")}      look after every service from now on

"dropship help" lists every command, "dropship explain" what a configuration may hold.`;
}

/** The help of one command, or the list of all. */
export function helpOf(command: Command | undefined, commands: readonly Command[], look: Look): string {
  return command === undefined ? listOf(commands, look) : pageOf(command, look);
}

function listOf(commands: readonly Command[], look: Look): string {
  const { paint, columns } = look;
  return [
    "Usage: dropship COMMAND [OPTIONS]",
    "",
    paint("bold", "Commands"),
    ...pairs(
      commands.map(({ name, summary }) => [name, summary]),
      look,
    ),
    "",
    paint("bold", "Options of every command"),
    ...pairs(flagRows(globalFlags), look),
    "",
    ...wrapText(
      '"dropship help COMMAND" tells more of one; "dropship explain" what a configuration may hold.',
      columns,
    ),
  ].join("\n");
}

function pageOf(command: Command, look: Look): string {
  const { paint, columns } = look;
  const { verbs = [] } = command;
  const own = flagRows(Object.assign({}, command.flags, ...verbs.map(({ flags }) => flags)));
  const [usage = "", ...others] = usagesOf(command);
  return [
    ...wrapUsage(usage, columns, "Usage: "),
    ...others.flatMap((other) => wrapUsage(other, columns, "       ")),
    "",
    ...wrapText(command.summary, columns),
    ...(command.details === undefined ? [] : ["", ...wrapText(command.details, columns)]),
    ...(verbs.length === 0
      ? []
      : [
          "",
          paint("bold", "Verbs"),
          ...pairs(
            verbs.map(({ name, summary }) => [name, summary]),
            look,
          ),
        ]),
    ...(own.length === 0 ? [] : ["", paint("bold", "Options"), ...pairs(own, look)]),
    "",
    paint("bold", "Options of every command"),
    ...pairs(flagRows(globalFlags), look),
    "",
    paint("bold", "With --json"),
    ...wrapText(command.json, Math.min(columns, 100) - 2).map((line) => `  ${line}`),
    "",
    paint("bold", "Examples"),
    ...command.examples.flatMap(([line, does]) => [`  ${paint("cyan", line)}`, `      ${does}`]),
  ].join("\n");
}

/** A usage that is too long goes on below its first operand. */
function wrapUsage(usage: string, columns: number, before: string): readonly string[] {
  const parts = usage.match(/\[[^\]]*\]|\S+/g) ?? [];
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + part.length < Math.min(columns, 100))
      lines[lines.length - 1] = `${line} ${part}`;
    else lines.push(line === undefined ? before + part : `${" ".repeat(before.length + 4)}${part}`);
  }
  return lines;
}

function flagRows(flags: Readonly<Record<string, Flag>>): readonly (readonly [string, string])[] {
  return Object.entries(flags).map(([name, { summary, value }]) => {
    const short = Object.entries(shortFlags).find(([, long]) => long === name)?.[0];
    return [`${short ? `-${short}, ` : ""}--${name}${value ? ` ${value}` : ""}`, summary] as const;
  });
}

/** Two columns; the second is broken into lines that fit. */
function pairs(rows: readonly (readonly [string, string])[], { columns }: Look): readonly string[] {
  const width = Math.max(...rows.map(([first]) => first.length)) + 2;
  return rows.flatMap(([first, second]) =>
    wrapText(second, Math.min(columns, 100) - width - 2).map(
      (line, at) => `  ${(at === 0 ? first : "").padEnd(width)}${line}`,
    ),
  );
}
