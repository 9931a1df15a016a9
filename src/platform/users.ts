import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";

/** A user of this system, as its name service knows it. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/**
 * Finds a user by name or number. `getent` asks all the sources that the system is set up for (files, LDAP, systemd, …);
 * without it /etc/passwd is read. `undefined`: there is no such user. Throws when the name service does not answer in 10 s.
 */
export async function findUser(nameOrNumber: string): Promise<SystemUser | undefined> {
  const line = (await askNameService(nameOrNumber)) ?? (await searchFile(nameOrNumber));
  return parseUser(line);
}

/** One line in the form of passwd(5). */
function parseUser(line: string): SystemUser | undefined {
  const [name, , uid, gid, , home] = line.split(":");
  if (!name || !uid || !gid || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home: home || "/" };
}

/** The line, "" when there is none, `undefined` when there is no `getent` on this system. */
function askNameService(nameOrNumber: string): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  execFile("getent", ["passwd", "--", nameOrNumber], { timeout: 10_000 }, (error, output) => {
    if (error === null) resolve(output.split("\n")[0] ?? "");
    else if (error.code === "ENOENT") resolve(undefined);
    else if (typeof error.code === "number") resolve("");
    else reject(error);
  });
  return promise;
}

async function searchFile(nameOrNumber: string): Promise<string> {
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n");
  const byName = lines.find((line) => line.split(":")[0] === nameOrNumber);
  return byName ?? lines.find((line) => line.split(":")[2] === nameOrNumber) ?? "";
}
