import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** A page that people read. */
export interface DocumentationPage {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block: "```bash run" has the language "bash" and the words ["run"]. */
export interface CodeBlock {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly words: readonly string[];
  readonly code: string;
}

export function documentationPages(): readonly DocumentationPage[] {
  const paths = globSync(["*.md", "docs/**/*.md"], { cwd: root }).sort();
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

export function codeBlocks({ path, text }: DocumentationPage): readonly CodeBlock[] {
  return [...text.matchAll(/^```(\S+)([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page: path,
    line: text.slice(0, match.index).split("\n").length,
    language: match[1] ?? "",
    words: (match[2] ?? "").trim().split(/\s+/).filter(Boolean),
    code: match[3] ?? "",
  }));
}
