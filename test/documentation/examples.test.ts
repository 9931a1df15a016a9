import assert from "node:assert/strict";
import { test } from "node:test";
import { globalFlags } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import type { ConfigPorts } from "../../src/config/ports.ts";
import { renderDiagnostics } from "../../src/config/render-diagnostics.ts";
import { type CodeBlock, codeBlocks, documentationPages } from "./pages.ts";

const main = "/etc/dropship.d/dropship.hcl";

/** The example is the main file; every other file and every variable that it names is there and says "secret". */
function portsFor(example: string): ConfigPorts {
  const named = new Set([...example.matchAll(/env\("([^"]+)"\)/g)].map((match) => match[1] ?? ""));
  return {
    read: (path) => ({
      bytes: new TextEncoder().encode(path === main ? example : "secret\n"),
      facts: { userId: 0, mode: 0o644 },
    }),
    list: () => [],
    inspect: (path) => ({ userId: 0, mode: 0o755, realPath: path }),
    environment: Object.fromEntries([...named].map((name) => [name, "secret"])),
    userId: 0,
    workingDirectory: "/",
    hostname: "web-1",
  };
}

const examples = documentationPages()
  .flatMap(codeBlocks)
  .filter(({ language }) => language === "hcl");

test("there are examples to judge", () => {
  assert.ok(examples.length >= 10, `${examples.length} examples`);
});

for (const { page, line, code } of examples) {
  test(`the configuration in ${page}, line ${line}, is accepted`, () => {
    const { diagnostics } = loadConfiguration(main, portsFor(code));

    const errors = diagnostics.filter(({ severity }) => severity === "error");

    assert.equal(renderDiagnostics(errors, { colour: false }), "");
  });
}

test("every block says its language, and a shell block is run or is plain text", () => {
  const known = new Set(["hcl", "bash", "text", "mermaid", "json", "ini"]);
  const odd = documentationPages()
    .flatMap(codeBlocks)
    .filter((block) => !known.has(block.language) || (block.language === "bash" && !isRun(block)))
    .map(({ page, line, language }) => `${page}:${line}: ${language}`);

  assert.deepEqual(odd, []);
});

test("every dropship command in the pages exists, with its flags", () => {
  const written = documentationPages()
    .filter(({ path }) => path !== "CHANGELOG.md")
    .flatMap(({ path, text }) =>
      [...text.matchAll(/(?:`|^|\$ |npx )dropship ([a-z]+)([^`\n]*)/gm)].map(([, word = "", rest = ""]) => ({
        path,
        word,
        rest,
      })),
    );

  const wrong = written.filter(({ word, rest }) => {
    const command = commands.find(({ name }) => name === word);
    const flags = [...rest.matchAll(/--([a-z-]+)/g)].map(([, flag = ""]) => flag);
    const verb = command?.verbs?.find((one) => rest.startsWith(` ${one.name} `));
    return !command || flags.some((flag) => !(flag in (verb ?? command).flags || flag in globalFlags));
  });

  assert.ok(written.length > 50, `${written.length} commands`);
  assert.deepEqual(wrong, []);
});

function isRun({ words }: CodeBlock): boolean {
  return words.includes("run");
}
