import { readFile } from "node:fs/promises";
import { askNameService } from "./name-service.ts";
import type { Accounts } from "./ports.ts";
import { findUser } from "./users.ts";

/** The accounts as the machine's name service knows them: its files, LDAP and whatever else is set up. */
export const accounts: Accounts = {
  self: () => ({ uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }),
  user: findUser,
  group: async (name) => {
    const line = (await askNameService("group", name)) ?? (await searchFile(name));
    const [found, , gid = ""] = line.split(":");
    return found === name && /^\d+$/.test(gid) ? Number(gid) : undefined;
  },
};

async function searchFile(name: string): Promise<string> {
  const text = await readFile("/etc/group", "utf8");
  return text.split("\n").find((line) => line.startsWith(`${name}:`)) ?? "";
}
