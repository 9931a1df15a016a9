import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after } from "node:test";

export const entry = join(import.meta.dirname, "..", "..", "bin", "dropship.js");

/** A folder to publish from, which goes when the tests of the file have ended. `usual`: what every command finds set. */
export function publishingPlace(usual: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "dropship-publishing-"));
  after(() => rmSync(folder, { recursive: true }));

  /** The real command line in a process of its own, without a terminal. */
  const dropship = (words: readonly string[], environment: Record<string, string> = {}) => {
    const options = { ...settings(environment), encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...words], options);
    return { code: status, out: stdout, err: stderr };
  };
  const settings = (environment: Readonly<Record<string, string>>) => ({
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", DROPSHIP_PUBLISHER: "ci@example", ...usual, ...environment },
    timeout: 60_000,
  });
  /** Of a command that must succeed. */
  const said = (...words: readonly string[]): string => {
    const { code, out, err } = dropship(words);
    assert.equal(code, 0, `${words.join(" ")}: ${out}${err}`);
    return out;
  };
  return {
    folder,
    dropship,
    /** The same while others run. */
    start: (words: readonly string[], environment: Record<string, string> = {}) => {
      const child = spawn(process.execPath, [entry, ...words], settings(environment));
      const code = new Promise<number | null>((resolve) => child.once("close", resolve));
      const printed = Promise.all([text(child.stdout), text(child.stderr)]);
      const ended = Promise.all([code, printed]).then(([code, [out, err]]) => ({ code, out, err }));
      return { child, ended };
    },
    said,
    asked: (...words: readonly string[]) => JSON.parse(said(...words, "--json")),
    failureCode: (words: readonly string[], environment: Record<string, string> = {}) => {
      const { code, out } = dropship([...words, "--json"], environment);
      return [code, JSON.parse(out).failure.code];
    },
    /** A folder with one program that says this. */
    application: (content: string): string => {
      const name = `app-${content}`;
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, "run"), content);
      return name;
    },
  };
}
