import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import type { ProcessRequest } from "./ports.ts";
import { findUser } from "./users.ts";

/** What is really executed, and with what. */
export interface Launch {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
}

type Refused = { readonly refused: string };

const bash = "/bin/bash";
const cat = "/bin/cat";
const setprivPlaces = ["/usr/bin/setpriv", "/bin/setpriv", "/usr/sbin/setpriv"];

/** The same on every host, whatever the agent was started with. */
const safePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Runs before the command, in the same process: closes what the agent itself inherited, and gives the command a real
 * pipe for its output, which Node cannot make (on Node's sockets `echo >/dev/stderr` fails). The reader of the pipe goes
 * on after the agent is gone, so that a daemon or a hook that restarts the agent does not die of SIGPIPE; it must not die
 * before those who write. It does not carry the mark; the command and all that it starts do. $1: the mark.
 */
const prelude = `
for fd in /proc/self/fd/*; do fd=\${fd##*/}; if [[ $fd -gt 2 ]]; then eval "exec $fd>&-"; fi; done
unset fd
exec > >(trap '' HUP INT TERM; ${cat} 2>/dev/null; exec ${cat} >/dev/null) 2>&1
export "$1"
shift
exec "$@"
`;

/**
 * Turns a request into what is executed: `bash -c <command>`, as the wished user, in the wished folder. The environment
 * is the request's, under it only PATH, LANG, HOME, USER and LOGNAME. Whatever cannot work is told before anything starts.
 */
export async function prepareLaunch(request: ProcessRequest, mark: string): Promise<Launch | Refused> {
  for (const program of [bash, cat]) {
    if (!(await isUsable(program, constants.X_OK))) return { refused: `there is no ${program} on this system` };
  }
  // Without it a command that takes too long could not be ended with all that it started.
  if (!(await isUsable("/proc/self/stat", constants.R_OK))) return { refused: "/proc is not mounted" };
  const directory = await chooseDirectory(request);
  if (typeof directory !== "string") return directory;
  const identity = await prepareUser(request.user);
  if ("refused" in identity) return identity;
  return {
    program: bash,
    // -p: the request's BASH_ENV and functions are for the command alone.
    parameters: ["-p", "-c", prelude, "dropship", mark, ...identity.prefix, bash, "-c", request.command],
    environment: { PATH: safePath, LANG: "C.UTF-8", ...identity.environment, ...request.environment },
    directory,
  };
}

async function isUsable(file: string, mode: number): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}

async function chooseDirectory({ directory, elseDirectory }: ProcessRequest): Promise<string | Refused> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory()) return directory;
  if (elseDirectory !== undefined) return elseDirectory;
  const trouble = found ? "is not a folder" : "does not exist or cannot be entered";
  return { refused: `the folder ${directory} ${trouble}` };
}

interface Identity {
  /** Goes before the command and becomes the user. */
  readonly prefix: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

async function prepareUser(wished: string | undefined): Promise<Identity | Refused> {
  if (wished === undefined) return { prefix: [], environment: ownEnvironment() };
  const user = await findUser(wished).catch((error: Error) => ({ trouble: error.message }));
  if (user === undefined) return { refused: `there is no user "${wished}" on this system` };
  if ("trouble" in user) return { refused: `users cannot be looked up: ${user.trouble}` };
  const environment = { HOME: user.home, USER: user.name, LOGNAME: user.name };
  const own = process.getuid?.();
  if (user.uid === own) return { prefix: [], environment };
  if (own !== 0) return { refused: `only an agent that runs as root can run it as the user "${user.name}"` };
  for (const setpriv of setprivPlaces) {
    if (await isUsable(setpriv, constants.X_OK)) return { prefix: becomeUser(setpriv, user), environment };
  }
  return { refused: "running as another user needs the program setpriv (package util-linux)" };
}

function ownEnvironment(): Identity["environment"] {
  try {
    const { username, homedir } = userInfo();
    return { HOME: homedir, USER: username, LOGNAME: username };
  } catch {
    // An agent in a container may run as a number that has no name.
    return { HOME: "/" };
  }
}

function becomeUser(setpriv: string, { uid, gid }: { readonly uid: number; readonly gid: number }): string[] {
  return [setpriv, "--reuid", String(uid), "--regid", String(gid), "--init-groups", "--"];
}
