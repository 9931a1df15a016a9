import { execFile } from "node:child_process";
import { existsSync } from "node:fs";

/** Programs of the system, whatever the agent was started with. */
const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };

/** systemd(1), sd_booted(3): there while systemd is process 1. */
const booted = "/run/systemd/system";

/**
 * Whether this host is shutting down: from then on systemd starts nothing, and what fails says nothing about a release.
 * False where there is no systemd, or no answer in 5 s.
 */
export async function hostLeaves(): Promise<boolean> {
  if (!existsSync(booted)) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  execFile("systemctl", ["is-system-running"], { env, timeout: 5_000, killSignal: "SIGKILL" }, (_error, output) => {
    resolve(output.trim() === "stopping");
  });
  return await promise;
}
