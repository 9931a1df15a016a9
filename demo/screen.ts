import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

const onTerminal = process.stdout.isTTY === true;
/** Time to read a paragraph; a pipe needs none. */
const readingTime = onTerminal ? 1200 : 0;

function paint(style: Style, text: string): string {
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

/** A command as somebody would type it. */
export function command(text: string): void {
  console.log(`${paint("dim", "$")} ${paint("bold", text)}`);
}

/** What a program printed. */
export function output(text: string): void {
  const lines = text.trimEnd().split("\n");
  console.log(lines.map((line) => `  ${line}`).join("\n"));
}

/** What the agent says meanwhile. */
export function aside(text: string): void {
  console.log(paint("dim", `  agent │ ${text}`));
}

export function good(text: string): void {
  console.log(`${paint("green", "✔")} ${text}`);
}

export function bad(text: string): void {
  console.log(`${paint("red", "✖")} ${text}`);
}
