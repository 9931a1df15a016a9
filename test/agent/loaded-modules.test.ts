import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const source = join(import.meta.dirname, "..", "..", "src");

/** What a process has loaded that knows all of an agent but runs none of it: Node's own modules and packages. */
function loadedByAgent(): string {
  const parts = ["config/load.ts", "agent/agent-ports.ts", "agent/run-agent.ts", "platform/logger.ts"];
  const program = `
    for (const part of ${JSON.stringify(parts)}) await import(${JSON.stringify(source)} + "/" + part);
    const { createRequire } = process.getBuiltinModule("node:module");
    const packages = Object.keys(createRequire(import.meta.url).cache);
    process.stdout.write([...process.moduleLoadList, ...packages].join("\\n"));`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8", timeout: 20_000 });
}

test("an agent at rest has loaded no TLS, no second HTTP client and no dependency", () => {
  const loaded = loadedByAgent().split("\n");

  const heavy = loaded.filter((name) => /undici|http2|NativeModule (tls|https)$|node_modules/.test(name));
  assert.deepEqual(heavy, []);
  assert.ok(loaded.includes("NativeModule http"), "the list names what is loaded");
});
