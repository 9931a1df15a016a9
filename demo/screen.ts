import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

const onTerminal = process.stdout.isTTY === true;
/** Time to read a paragraph; a pipe needs none. */
const readingTime = onTerminal ? 1200 : 0;

export function paint(style: Style, text: string): string {
  return onTerminal && !process.env["NO_COLOR"] ? styleText(style, text) : text;
}

export function title(text: string): void {
  console.log(`\n${paint("bold", text)}\n${paint("dim", "─".repeat(text.length))}`);
}

let chapters = 0;

export async function chapter(text: string): Promise<void> {
  chapters += 1;
  console.log(`\n${paint(["bold", "cyan"], `${chapters}. ${text}`)}\n`);
  await sleep(readingTime / 2);
}

export async function say(text: string): Promise<void> {
  console.log(text);
  await sleep(readingTime);
}

/** A command as somebody would type it, on this host. */
export function command(text: string, host?: string): void {
  const prompt = host === undefined ? "$" : `${host} $`;
  console.log(`${paint("dim", prompt)} ${paint("bold", text)}`);
}

/** What a program printed. */
export function output(text: string): void {
  const lines = text.trimEnd().split("\n");
  console.log(lines.map((line) => `  ${line}`).join("\n"));
}

/** What an agent says. */
export function aside(host: string, text: string): void {
  console.log(paint("dim", `  ${host} │ ${text}`));
}

/** One row that changes: on a terminal in its place, elsewhere a row for each change. */
export function redraw() {
  let shown = "";
  const write = (row: string, seconds: number) => {
    if (onTerminal) process.stdout.write(`\r\x1b[K${row}  ${paint("dim", `${seconds.toFixed(1)} s`)}`);
    else if (row !== shown) console.log(`${row}  ${seconds.toFixed(1)} s`);
    shown = row;
  };
  return {
    show: write,
    end(row: string, seconds: number) {
      write(row, seconds);
      if (onTerminal) process.stdout.write("\n");
    },
  };
}

export function good(text: string): void {
  console.log(`${paint("green", "✔")} ${text}`);
}

export function bad(text: string): void {
  console.log(`${paint("red", "✖")} ${text}`);
}
