import { execFile } from "node:child_process";

/** Programs of the system, whatever the agent was started with; and none of its environment, which may hold secrets. */
const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };

/**
 * Asks all the sources that the system is set up for (files, LDAP, systemd, …): a line in the form of passwd(5) or group(5),
 * "" when there is none, `undefined` when there is no `getent` on this system. Throws when there is no answer in 10 s.
 */
export function askNameService(database: "passwd" | "group", key: string): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  execFile("getent", [database, "--", key], { env, timeout: 10_000, killSignal: "SIGKILL" }, (error, output) => {
    if (error === null) resolve(output.split("\n")[0] ?? "");
    else if (error.code === "ENOENT") resolve(undefined);
    else if (typeof error.code === "number") resolve("");
    else reject(error);
  });
  return promise;
}
