import { execFile } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline/promises";
import { failure } from "../domain/failures/failure.ts";

/** What setting up a host needs of it. */
export interface SetUpDesk {
  /** Undefined: nobody is there to be asked. An empty answer is `otherwise`. */
  readonly ask: ((question: string, otherwise: string) => Promise<string>) | undefined;
  /** The services of systemd on this host, without ".service"; none without systemd. */
  units(): Promise<readonly string[]>;
  /** The text of a file; undefined: there is none. */
  read(path: string): string | undefined;
  /** Makes a file, and the folder it stands in; false: something is there already. Throws "set-up-unwritable". */
  create(path: string, text: string): boolean;
  /** Writes a file anew, in one step. */
  replace(path: string, text: string): void;
  remove(path: string): void;
}

/** The real host; somebody is asked on a terminal only. */
export function systemSetUpDesk(): SetUpDesk {
  const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  return {
    ask: isTerminal ? ask : undefined,
    units,
    read: (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
    create(path, text) {
      orSay(path, () => mkdirSync(dirname(path), { recursive: true, mode: 0o755 }));
      try {
        // A link never takes the place of what stands there, and nobody ever sees half a file.
        beside(path, text, (made) => linkSync(made, path));
        return true;
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw unwritable(path, thrown);
      }
    },
    replace: (path, text) => orSay(path, () => beside(path, text, (made) => renameSync(made, path))),
    remove: (path) => rmSync(path, { force: true }),
  };
}

function orSay(path: string, act: () => void): void {
  try {
    act();
  } catch (thrown) {
    throw unwritable(path, thrown);
  }
}

function unwritable(path: string, thrown: unknown): Error {
  const { code = "", message } = thrown as NodeJS.ErrnoException;
  const reason = code === "EACCES" || code === "EPERM" ? "permission denied" : message || code;
  return failure("set-up-unwritable", { path, reason }, thrown);
}

function beside(path: string, text: string, then: (made: string) => void): void {
  const made = `${path}.${process.pid}.new`;
  try {
    writeFileSync(made, text, { mode: 0o644, flush: true });
    then(made);
  } finally {
    rmSync(made, { force: true });
  }
}

async function ask(question: string, otherwise: string): Promise<string> {
  // On standard error: what a command results in may go to a file.
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const left = Promise.withResolvers<string>();
  lines.once("close", () => left.resolve(otherwise));
  try {
    const hint = otherwise === "" ? "" : ` [${otherwise}]`;
    const answer = await Promise.race([lines.question(`${question}${hint}: `), left.promise]);
    return answer.trim() || otherwise;
  } finally {
    lines.close();
  }
}

/** Programs of the system, whatever this was started with. */
const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };

function units(): Promise<readonly string[]> {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const words = ["list-unit-files", "--type=service", "--no-legend", "--plain", "--no-pager"];
  execFile("systemctl", words, { env, timeout: 10_000, killSignal: "SIGKILL" }, (error, output) => {
    const names = output.split("\n").map((line) => line.split(/\s+/)[0] ?? "");
    resolve(error === null ? names.flatMap((name) => /^(.+)\.service$/.exec(name)?.[1] ?? []) : []);
  });
  return promise;
}
