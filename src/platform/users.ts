import { readFile } from "node:fs/promises";
import { askNameService } from "./name-service.ts";

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
  const line = (await askNameService("passwd", nameOrNumber)) ?? (await searchFile(nameOrNumber));
  return parseUser(line);
}

/** One line in the form of passwd(5). */
function parseUser(line: string): SystemUser | undefined {
  const [name, , uid, gid, , home] = line.split(":");
  if (!name || !uid || !gid || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home: home || "/" };
}

async function searchFile(nameOrNumber: string): Promise<string> {
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n");
  const byName = lines.find((line) => line.split(":")[0] === nameOrNumber);
  return byName ?? lines.find((line) => line.split(":")[2] === nameOrNumber) ?? "";
}
