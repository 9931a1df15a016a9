import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { commands } from "../../src/cli/commands.ts";
import { completionScript } from "../../src/cli/completion-scripts.ts";
import { type Commit, root } from "./commit.ts";
import type { Entry } from "./entry.ts";
import { manPages } from "./man-pages.ts";
import type { Runtime } from "./runtime.ts";

/** Where the program stands: its first line names the Node beside it, so that nothing of the host's is needed or can mislead. */
const home = "usr/lib/dropship";
/** Not "node": somebody who ends all programs of that name does not mean the agent. */
const interpreter = "dropship-node";
const documents = "usr/share/doc/dropship";

/** Everything that stands on a host where the package is installed. */
export function packageTree(commit: Commit, runtime: Runtime): readonly Entry[] {
  return [
    { path: `${home}/${interpreter}`, content: runtime.program, mode: 0o755 },
    ...program(),
    { path: "usr/bin/dropship", link: "../lib/dropship/bin/dropship.js" },
    plain("usr/lib/systemd/system/dropship.service", own("dropship.service")),
    plain("usr/share/dropship/dropship.hcl", own("dropship.hcl")),
    plain("etc/dropship.d/services/web.hcl.example", own("web.hcl.example")),
    ...manPages(commit).map(({ name, text }) => packed(`usr/share/man/man${name.at(-1)}/${name}.gz`, text)),
    plain("usr/share/bash-completion/completions/dropship", `${completionScript("bash", commands)}\n`),
    plain("usr/share/zsh/vendor-completions/_dropship", `${completionScript("zsh", commands)}\n`),
    plain("usr/share/fish/vendor_completions.d/dropship.fish", `${completionScript("fish", commands)}\n`),
    ...documentation(commit),
    packed(`${documents}/node-licences.gz`, runtime.licence),
  ];
}

/** What the package manager does not overwrite when somebody has changed it. */
export const configurationFiles = ["/etc/dropship.d/services/web.hcl.example"];

/** What `npm run build` makes, started by the Node beside it. */
function program(): readonly Entry[] {
  // Always as deep below the sources: the maps name them by their way from here.
  mkdirSync(join(root, "out"), { recursive: true });
  const folder = mkdtempSync(join(root, "out", "dist-"));
  try {
    execFileSync(process.execPath, [join(root, "scripts", "build.ts"), join(folder, "dist")], { stdio: "inherit" });
    return globSync("**/*.{js,mjs,map,txt,json}", { cwd: join(folder, "dist") })
      .toSorted()
      .map((path) => {
        const content = readFileSync(join(folder, "dist", path));
        const mode = path.startsWith("bin/") ? 0o755 : 0o644;
        return { path: `${home}/${path}`, content: mode === 0o755 ? startedBy(content) : content, mode };
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function startedBy(script: Buffer): string {
  const text = script.toString();
  if (!text.startsWith("#!/usr/bin/env node\n"))
    throw new Error("bin/dropship.js does not begin with its interpreter.");
  return text.replace("/usr/bin/env node", `/${home}/${interpreter}`);
}

function documentation(commit: Commit): readonly Entry[] {
  const guide = globSync("docs/{guide,reference}/*.md", { cwd: root }).toSorted();
  return [
    ...guide.map((path) => plain(`${documents}/${path.slice("docs/".length)}`, read(path))),
    plain(`${documents}/copyright`, own("debian/copyright")),
    plain("usr/share/lintian/overrides/dropship", own("debian/lintian-overrides")),
    packed(`${documents}/changelog.gz`, debianChangelog(commit)),
    packed(`${documents}/CHANGELOG.md.gz`, read("CHANGELOG.md")),
  ];
}

/** In the form of deb-changelog(5); what has changed stands in CHANGELOG.md. */
function debianChangelog({ version, seconds }: Commit): string {
  const date = new Date(seconds * 1000).toUTCString().replace("GMT", "+0000");
  const change = "  * See CHANGELOG.md.gz beside this file.";
  return `dropship (${version}) unstable; urgency=medium\n\n${change}\n\n -- ${maintainer}  ${date}\n`;
}

export const maintainer =
  process.env["DROPSHIP_PACKAGE_MAINTAINER"] ?? "The Dropship authors <packages@dropship.invalid>";

/** The same bytes everywhere: Node's own zlib, without a time in it. */
function packed(path: string, content: string | Uint8Array): Entry {
  return { path, content: gzipSync(content, { level: 9 }), mode: 0o644 };
}

function plain(path: string, content: string): Entry {
  return { path, content, mode: 0o644 };
}

function own(name: string): string {
  return read(join("packaging", name));
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
