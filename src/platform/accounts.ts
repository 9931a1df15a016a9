import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Accounts } from "./ports.ts";
import { findUser } from "./users.ts";

/** The accounts as the machine's name service knows them: its files, LDAP and whatever else is set up. */
export const accounts: Accounts = {
  self: () => ({ uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }),
  user: findUser,
  group: async (name) => {
    const line = (await askNameService(name)) ?? (await searchFile(name));
    const [found, , gid = ""] = line.split(":");
    return found === name && /^\d+$/.test(gid) ? Number(gid) : undefined;
  },
};

/** The line of group(5), "" when there is none; undefined when there is no `getent` on this system. */
function askNameService(name: string): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  execFile("getent", ["group", "--", name], { timeout: 10_000 }, (error, output) => {
    if (error === null) resolve(output.split("\n")[0] ?? "");
    else if (error.code === "ENOENT") resolve(undefined);
    else if (typeof error.code === "number") resolve("");
    else reject(error);
  });
  return promise;
}

async function searchFile(name: string): Promise<string> {
  const text = await readFile("/etc/group", "utf8");
  return text.split("\n").find((line) => line.startsWith(`${name}:`)) ?? "";
}
