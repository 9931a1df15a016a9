import type { ReadStream } from "node:tty";

/** What ends a line, takes back a character, and gives up: as a terminal sends them. */
const enters = ["\r", "\n", "\u0004"];
const erases = ["\u007f", "\b"];
const interrupt = "\u0003";

/** Asks a person at the terminal; what they type is not shown. Rejects with `stopped()` at Ctrl-C. */
export async function askSecret(
  question: string,
  terminal: ReadStream,
  write: (text: string) => void,
  stopped: () => Error,
): Promise<string> {
  write(question);
  terminal.setRawMode(true);
  terminal.setEncoding("utf8");
  try {
    return await typedLine(terminal, stopped);
  } finally {
    terminal.setRawMode(false);
    terminal.pause();
    write("\n");
  }
}

function typedLine(terminal: ReadStream, stopped: () => Error): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const typed: string[] = [];
  const finish = () => resolve(typed.join(""));
  const hear = (piece: string | Buffer) => {
    for (const character of String(piece)) {
      if (character === interrupt) reject(stopped());
      else if (enters.includes(character)) finish();
      else if (erases.includes(character)) typed.pop();
      else typed.push(character);
    }
  };
  terminal.on("data", hear);
  terminal.once("end", finish);
  terminal.resume();
  return promise.finally(() => {
    terminal.off("data", hear);
    terminal.off("end", finish);
  });
}
