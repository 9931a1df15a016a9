import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { until } from "../agent/fixture.ts";
import { type Server, startScript } from "./server.ts";

const execute = promisify(execFile);

/** A host with a real systemd, in a container that shares this machine's network. */
export interface SystemdHost extends Server {
  /** Its root folder, as seen from here. */
  readonly root: string;
  /** Runs a command line by its shell as root; gives what it printed. Rejects unless it exits with 0. */
  sh(command: string): Promise<string>;
  /** The same, with whatever exit code. */
  attempt(command: string): Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
  /** Waits until it is up again after a reboot or a power cut that begins about now. `before`: of `boot()`. */
  untilUp(before: string): Promise<void>;
  /** Shuts it down in order, and boots it again. */
  reboot(): Promise<void>;
  /** Names this life of the host. */
  boot(): string;
}

const commandLimit = 150_000;

export async function startSystemdHost(suite: "bullseye" | "bookworm" | "trixie"): Promise<SystemdHost> {
  const { server, value } = await startScript("systemd-host", suite);
  const boot = () => {
    const container = server.processes.get("host");
    const children = `/proc/${container}/task/${container}/children`;
    // The only child of systemd-nspawn is the host's process 1.
    return existsSync(children) ? (readFileSync(children, "utf8").trim().split(" ")[0] ?? "") : "";
  };
  const attempt = async (command: string) => {
    const entered = [
      "-t",
      boot(),
      "-a",
      "--wdns=/",
      "--",
      "/usr/bin/env",
      "-i",
      ...environment,
      "/bin/sh",
      "-c",
      command,
    ];
    try {
      const { stdout, stderr } = await execute("nsenter", entered, {
        timeout: commandLimit,
        maxBuffer: 64 * 1024 * 1024,
      });
      return { code: 0, out: stdout, err: stderr };
    } catch (thrown) {
      const { code, stdout = "", stderr = "" } = thrown as { code?: unknown; stdout?: string; stderr?: string };
      return { code: typeof code === "number" ? code : -1, out: stdout, err: stderr };
    }
  };
  return {
    ...server,
    root: value("ROOT"),
    boot,
    attempt,
    async sh(command) {
      const { code, out, err } = await attempt(command);
      if (code !== 0) throw new Error(`${command}: exit ${code}\n${out}${err}`);
      return out.trim();
    },
    async reboot() {
      const container = server.processes.get("host");
      await attempt("systemctl reboot");
      // systemd-nspawn leaves it to its starter to boot again.
      await until("the host is down", () => !existsSync(`/proc/${container}/exe`));
      await server.restart("host");
    },
    async untilUp(before) {
      await until("the host is up again", async () => {
        if (["", before].includes(boot())) return false;
        const { out } = await attempt("systemctl is-system-running");
        return /running|degraded/.test(out);
      });
    },
  };
}

const environment = [
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/root",
  "TERM=dumb",
  "DEBIAN_FRONTEND=noninteractive",
];
