// npm run docs: writes the pages of docs/reference that are made from the code, and the diagram in ARCHITECTURE.md.
// With --check it writes nothing, and fails when a page is not as it would be written.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandLinePage } from "./reference/command-line.ts";
import { configurationPage } from "./reference/configuration.ts";
import { errorsPage, exitCodesPage } from "./reference/errors.ts";
import type { Page } from "./reference/page.ts";
import { diagramBlock, workflowPage } from "./reference/workflow.ts";

const root = join(import.meta.dirname, "..");
const onlyCheck = process.argv.includes("--check");

const pages = [
  commandLinePage(),
  configurationPage(),
  errorsPage(),
  exitCodesPage(),
  workflowPage(),
  architecturePage(),
];
const stale = pages.filter(({ path, text }) => read(path) !== text);
for (const { path, text } of onlyCheck ? [] : stale) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`wrote ${path}`);
}
if (onlyCheck && stale.length > 0) {
  console.error(`Not as the code says: ${stale.map(({ path }) => path).join(", ")}. Run "npm run docs" and commit.`);
  process.exitCode = 1;
}

/** The page that people write, with the diagram between its two marks. */
function architecturePage(): Page {
  const path = "ARCHITECTURE.md";
  const marks = /(<!-- workflow:begin -->\n)[\s\S]*?(<!-- workflow:end -->)/;
  const text = read(path);
  if (!marks.test(text)) throw new Error(`${path} lacks the marks workflow:begin and workflow:end`);
  return { path, text: text.replace(marks, (_all, begin, end) => `${begin}${diagramBlock()}\n${end}`) };
}

function read(path: string): string {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return "";
  }
}
