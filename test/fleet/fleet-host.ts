import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHost, type Host, type RunningAgent } from "../agent/fixture.ts";
import { type Note, readNotes } from "./notes.ts";

/** What an agent goes by. */
export interface HostSettings {
  /** The blocks of the main file: repo, lock. */
  readonly main: string;
  /** The artifact block without its destination: `artifact "file" { path = "…"`. */
  readonly artifact: string;
  /** The rollout block's settings; undefined: hosts are not coordinated. */
  readonly rollout: string | undefined;
}

/** Where the hooks of a host can be held up: when the service is down and nothing is switched yet, or just after the switch. */
export type Gate = "stopped" | "switched";

/** A host with a real agent and a real service, which notes by itself when it is up. */
export interface FleetHost {
  readonly name: string;
  readonly host: Host;
  /** Of the agent that runs, or ran last. */
  agent: RunningAgent | undefined;
  notes(): readonly Note[];
  /** The version that its service was started from last; undefined before the first start. */
  version(): string | undefined;
  isUp(): boolean;
  configure(settings: HostSettings): void;
  start(): Promise<void>;
  /** From now on its hooks come no further than here. */
  close(gate: Gate): void;
  open(gate: Gate): void;
  /** Leaves its notes and all that its agents logged in a folder. */
  keep(folder: string): void;
  /** Whether a hook waits there. */
  waitsAt(gate: Gate): boolean;
  clean(): Promise<void>;
}

export interface NewHost extends HostSettings {
  readonly name: string;
  /** The folder in which all services of the fleet take their notes. */
  readonly notes: string;
  /** Two machines of one name take their notes apart. */
  readonly noteName?: string;
  readonly wrapper: readonly string[];
}

export function createFleetHost({ name, notes: folder, noteName = name, wrapper, ...settings }: NewHost): FleetHost {
  const host = createHost(wrapper);
  const notes = join(folder, `${noteName}.notes`);
  const agents: RunningAgent[] = [];
  const gate = (at: Gate, state: "closed" | "reached") => host.path(`gate-${at}-${state}`);
  writeScripts(host, folder, notes);
  const configure = (next: HostSettings) =>
    host.configure(serviceText(host.path, next), `host = "${name}"\n${next.main}`);
  configure(settings);
  return {
    name,
    host,
    agent: undefined,
    notes: () => readNotes(notes),
    version: () => readNotes(notes).at(-1)?.version,
    isUp: () => readNotes(notes).at(-1)?.what === "up",
    configure,
    async start() {
      this.agent = await host.start();
      agents.push(this.agent);
    },
    close: (at) => writeFileSync(gate(at, "closed"), ""),
    open: (at) => rmSync(gate(at, "closed"), { force: true }),
    waitsAt: (at) => existsSync(gate(at, "reached")),
    keep(kept) {
      if (existsSync(notes)) copyFileSync(notes, join(kept, `${noteName}.notes`));
      writeFileSync(join(kept, `${noteName}.log`), agents.map((agent) => agent.log()).join(""));
    },
    async clean() {
      await this.agent?.end("SIGKILL");
      endProcesses(host.folder);
      await host.clean();
    },
  };
}

/** The service as it is declared where `path` is the way to what belongs to the host. */
export function serviceText(path: Host["path"], { artifact, rollout }: HostSettings): string {
  return `
service "web" {
  checkInterval = "500ms"
  ${artifact}
    destination = "${path("srv/web")}"
  }
  ${rollout === undefined ? "" : `rollout {\n    ${rollout}\n  }`}
  before "script" { command = "bash ${path("stop.sh")}" }
  after "script" { command = "bash ${path("start.sh")}" }
  health "script" {
    command = "bash ${path("healthy.sh")}"
    interval = "50ms"
    timeout = "2s"
    deadline = "6s"
    passes = 2
  }
}
`;
}

/**
 * A service that notes by itself when it is up and, as it ends, when it is down. Stopping and starting are one at a time, as a
 * service manager does it: a hook may run while one of a killed agent has not ended yet.
 */
function writeScripts(host: Host, folder: string, notes: string): void {
  const pid = host.path("service.pid");
  const lock = `exec 9>${host.path("service.lock")}; flock 9 || exit 1`;
  const gate = (at: Gate) => `
    while [ -e ${host.path(`gate-${at}-closed`)} ]; do touch ${host.path(`gate-${at}-reached`)}; sleep 0.05; done
    rm -f ${host.path(`gate-${at}-reached`)}`;
  // "slow": it needs so many seconds to come up. "spoils": it is good on so many hosts only.
  const service = `
    version=$(cat version) word=up
    [ -e healthy ] || word=sick
    [ -e spoils ] && [ "$(cat ${folder}/*.notes | grep -c " up $version$")" -ge "$(cat spoils)" ] && word=sick
    [ -e slow ] && sleep "$(cat slow)"
    trap 'echo "$EPOCHREALTIME down $version" >>${notes}; exit 0' TERM
    echo "$EPOCHREALTIME $word $version" >>${notes}
    while :; do sleep 3600 & wait $!; done`;
  const stop = `
    if [ -e ${pid} ]; then
      old=$(cat ${pid})
      kill -TERM "-$old" 2>/dev/null
      while grep -qs '^State:.[^Z]' "/proc/$old/status"; do sleep 0.01; done
      rm ${pid}
    fi`;
  const start = `
    if [ -e refuse ]; then
      echo "$EPOCHREALTIME sick $(cat version)" >>${notes}
      echo "this release refuses to start"
      exit 1
    fi
    setsid bash ${host.path("service.sh")} </dev/null >/dev/null 2>&1 9>&- &
    echo $! >${pid}`;
  mkdirSync(host.path("srv"), { recursive: true });
  writeFileSync(host.path("service.sh"), service);
  writeFileSync(host.path("stop.sh"), `${lock}\n${stop}\n${gate("stopped")}\n`);
  writeFileSync(host.path("start.sh"), `${lock}\n${gate("switched")}\n${stop}\n${start}\n`);
  writeFileSync(host.path("healthy.sh"), `kill -0 "$(cat ${pid})" && tail -n 1 ${notes} | grep -q " up "\n`);
}

/** Hooks that are left, and then the service, with all that they started. */
function endProcesses(folder: string): void {
  const ours = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(`${folder}/`);
    } catch {
      // It ended meanwhile.
      return false;
    }
  };
  const pids = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && ours(pid));
  for (const pid of pids) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It leads no group: the one that does is among them.
    }
  }
}
