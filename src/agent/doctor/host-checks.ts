import { readFile } from "node:fs/promises";
import { type Check, ok, type Verdict, warning } from "./finding.ts";

const quick = 5000;

/** What this process, or the agent beside it, runs on. `agent`: the process id of the running one. */
export function hostChecks(agent: number | undefined): readonly Check[] {
  return [
    { name: "node", deadline: quick, run: async () => judgeNode(process.versions.node, process.arch) },
    { name: "open files", deadline: quick, run: async () => judgeLimits(agent, await limitsOf(agent)) },
  ];
}

/** The version that `package.json` pins, as far as it matters. */
const wantedMajor = 26;

/** Exported for its tests: what a Node of that version on that machine is good for. */
export function judgeNode(version: string, machine: string): Verdict {
  const seen = `Node ${version} on ${machine}`;
  const major = Number(version.split(".")[0]);
  if (major !== wantedMajor)
    return warning(
      `This is ${seen}; Dropship is made and tested for Node ${wantedMajor}.`,
      'Start it with the Node that came with it: "npm ci", or the built form.',
    );
  if (machine !== "x64" && machine !== "arm64")
    return warning(
      `This is ${seen}; Dropship is tested on x64 and arm64.`,
      "Try updates on this machine before you rely on them.",
    );
  return ok(`This is ${seen}.`);
}

/** Downloads, unpackings, the journal, probes and the control socket of a host with many services stay well below. */
const wantedFiles = 1024;

/** The text of /proc/<pid>/limits; empty where there is none. */
async function limitsOf(agent: number | undefined): Promise<string> {
  return await readFile(`/proc/${agent ?? "self"}/limits`, "utf8").catch(() => "");
}

/** Exported for its tests: whether a process with these limits may open enough files. */
export function judgeLimits(agent: number | undefined, limits: string): Verdict {
  const whose = agent === undefined ? "A process started here" : `The running agent (process ${agent})`;
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return ok("This system does not say how many files a process may have open.");
  if (soft !== "unlimited" && Number(soft) < wantedFiles)
    return warning(
      `${whose} may have ${soft} files open at a time; fewer than ${wantedFiles} can be too few.`,
      "Raise it where the agent is started: LimitNOFILE=65536 in its systemd unit, or ulimit -n.",
    );
  return ok(`${whose} may have ${soft} files open at a time.`);
}
