import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { codeBlocks, root } from "./pages.ts";

const limit = 90_000;

/**
 * Does what a page tells its reader to do: runs its "bash run" blocks one after the other in one shell, in a folder of its
 * own, and holds each "text output" block against what the block before it printed ("…" stands for anything).
 */
export async function walkThrough(page: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const blocks = codeBlocks({ path: page, text: readFileSync(join(root, page), "utf8") });
  const steps = blocks.filter(({ language, words }) => language === "bash" && words.includes("run"));
  const folder = mkdtempSync(join(tmpdir(), "dropship-guide-"));
  try {
    mkdirSync(join(folder, "bin"));
    const launcher = join(root, "bin", "dropship.js");
    writeFileSync(join(folder, "bin", "dropship"), `#!/bin/sh\nexec "${process.execPath}" "${launcher}" "$@"\n`, {
      mode: 0o755,
    });
    const printed = await runSteps(
      folder,
      steps.map(({ code }) => code),
      environment,
    );
    const expectations = blocks.filter(({ language, words }) => language === "text" && words.includes("output"));
    for (const expected of expectations) {
      const step = steps.findLastIndex(({ line }) => line < expected.line);
      assertPrinted(printed[step] ?? "", expected.code, `${page}, line ${expected.line}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What each step printed on its standard output. The first step that fails ends everything. */
async function runSteps(
  folder: string,
  steps: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const end = "---- end of a step ----";
  const program = ["set -euo pipefail", ...steps.map((step) => `${step}\necho '${end}'`)].join("\n");
  const child = spawn("bash", ["-c", program], {
    cwd: folder,
    env: { ...environment, HOME: folder, PATH: `${join(folder, "bin")}:${process.env["PATH"]}` },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const late = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), limit);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [output, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  clearTimeout(late);
  const printed = output.split(`${end}\n`);
  assert.equal(
    code,
    0,
    `step ${printed.length} failed:\n${steps[printed.length - 1]}\n${printed.at(-1)}\n${complaints}`,
  );
  return printed;
}

/** Every expected line was printed, in this order; other lines may stand between them. */
function assertPrinted(printed: string, expected: string, where: string): void {
  const lines = printed.split("\n").map((line) => line.trim());
  let from = 0;
  for (const line of expected.trim().split("\n")) {
    const parts = line
      .trim()
      .split("…")
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const pattern = new RegExp(`^${parts.join(".*")}$`);
    const at = lines.findIndex((one, index) => index >= from && pattern.test(one));
    assert.notEqual(at, -1, `${where}: "${line}" was not printed in:\n${printed}`);
    from = at + 1;
  }
}
