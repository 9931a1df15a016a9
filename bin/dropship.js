#!/usr/bin/env node
// Starts the command line on the Node that the project pins; plain JavaScript, so that any older Node can read it.
import { existsSync } from "node:fs";
import * as modules from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, "src", "main.ts");
/** A clone runs its source, whether it was built or not; what `npm run build` made has no source beside it. */
const isClone = existsSync(source);
const entry = isClone ? source : join(root, "lib", "main.mjs");
/** The loader of programs answers 127 when a library is missing. */
const lacking =
  'Node 26 does not start here. It needs the library libatomic: run "apt-get install libatomic1" as root.';
const pinned = join(root, "node_modules", ".bin", "node");

if (Number(process.versions.node.split(".")[0]) >= 26) {
  // Without it each start would take the types out of every file again: 200 ms and 30 MB. As safe as the code beside it.
  if (isClone) modules.enableCompileCache(join(root, "node_modules", ".cache", "dropship"));
  // The heap's young generation stays at its first size: a busy minute would let it grow by 40 MB that it does not give back.
  v8.setFlagsFromString("--semi-space-growth-factor=1");
  process.argv[1] = entry;
  await import(entry);
} else if (existsSync(pinned)) {
  const [{ spawn }, { constants }] = await Promise.all([import("node:child_process"), import("node:os")]);
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    if (code === 127) process.stderr.write(`${lacking}\n`);
    process.exit(signal ? 128 + constants.signals[signal] : code);
  });
} else {
  const remedy = isClone ? ` Run "npm ci" in ${root}, which brings it.` : "";
  process.stderr.write(`Dropship needs Node 26 or newer; this is ${process.version}.${remedy}\n`);
  process.exit(1);
}
