// npm run build: makes dist/, the form in which Dropship is installed: plain JavaScript in a few files, its dependencies among
// them. It starts sooner and takes less memory than the source. A clone runs its source all the same (bin/dropship.js), so
// that a stale build misleads nobody; dist/ runs wherever it is copied to.
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");

/**
 * Node's own modules, taken without an import statement: that one reads every export once, and so loads all that lazy exports
 * stand for.
 */
const builtins: Plugin = {
  name: "builtins",
  setup({ onResolve, onLoad }) {
    const known = new RegExp(`^(node:.*|${builtinModules.join("|")})$`);
    onResolve({ filter: known }, ({ path }) => ({ path: path.replace(/^node:/, ""), namespace: "builtin" }));
    onLoad({ filter: /^/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule("node:${path}");`,
    }));
  },
};

/** The worker thread's file is named by its address, which no bundler follows; all files stand in one folder. */
const worker: Plugin = {
  name: "worker",
  setup({ onLoad }) {
    onLoad({ filter: /\/unpacking\/unpack\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = source.replace('new URL("./worker.ts"', 'new URL("./worker.mjs"');
      if (contents === source) throw new Error(`${path} names no worker.`);
      return { contents, loader: "ts" };
    });
  },
};

/** Builds the product into `folder`, which is emptied first. */
async function buildInto(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: { main: "src/main.ts", worker: "src/drivers/archives/unpacking/worker.ts" },
    outdir: join(folder, "lib"),
    outExtension: { ".js": ".mjs" },
    chunkNames: "[name]-[hash]",
    bundle: true,
    // What is imported when it is needed stays in files of its own.
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node26",
    sourcemap: true,
    sourcesContent: false,
    legalComments: "linked",
    plugins: [builtins, worker],
  });
  mkdirSync(join(folder, "bin"));
  for (const file of ["bin/dropship.js", "package.json", "LICENSE"]) copyFileSync(join(root, file), join(folder, file));
}

await buildInto(resolve(process.argv[2] ?? join(root, "dist")));
