import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

/** Where a command writes to, as far as writing goes. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

export interface ScreenSettings {
  readonly json: boolean;
  readonly quiet: boolean;
  /** `--no-color` was given. */
  readonly plain: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a person (or a program) sees of a command. Results go to standard output, remarks and failures to standard error. */
export interface Screen {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Columns of the terminal; without one, lines may be as long as they are. */
  readonly columns: number;
  /** Lines of the terminal. */
  readonly rows: number;
  /** Lines on standard output may be drawn anew. */
  readonly live: boolean;
  /** Colours for standard output. */
  paint(style: Style, text: string): string;
  /** Whether standard error shows colours. */
  readonly noteColour: boolean;
  /** Text on standard output, a line break added. */
  print(text: string): void;
  /** One JSON document on a line of its own; only with `--json`. */
  printJson(value: unknown): void;
  /** Raw text on standard output, for what is drawn anew. */
  draw(text: string): void;
  /** A dim remark on standard error; not with `--quiet`. */
  remark(text: string): void;
  /** Text on standard error, always. */
  complain(text: string): void;
}

export function createScreen(out: Stream, err: Stream, settings: ScreenSettings): Screen {
  const outColour = hasColour(out, settings);
  const noteColour = hasColour(err, settings);
  const paint = (style: Style, text: string) => (outColour ? styled(style, text) : text);
  return {
    json: settings.json,
    quiet: settings.quiet,
    // A window may be made larger while a command runs.
    get columns() {
      return out.isTTY && out.columns ? out.columns : Number.POSITIVE_INFINITY;
    },
    get rows() {
      return out.isTTY && out.rows ? out.rows : Number.POSITIVE_INFINITY;
    },
    live: out.isTTY === true && !settings.json && !settings.quiet && settings.environment["TERM"] !== "dumb",
    paint,
    noteColour,
    print: (text) => void out.write(`${text}\n`),
    printJson: (value) => void out.write(`${JSON.stringify(value)}\n`),
    draw: (text) => void out.write(text),
    remark: (text) => {
      if (!settings.quiet) err.write(`${noteColour ? styled("dim", text) : text}\n`);
    },
    complain: (text) => void err.write(`${text}\n`),
  };
}

export function styled(style: Style, text: string): string {
  return styleText(style, text, { validateStream: false });
}

/** no-color.org and the usual FORCE_COLOR: what was typed counts most, then the environment, then the terminal. */
function hasColour(stream: Stream, { plain, json, environment }: ScreenSettings): boolean {
  if (plain || json) return false;
  if (environment["NO_COLOR"]) return false;
  const forced = environment["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return stream.isTTY === true && environment["TERM"] !== "dumb";
}
