import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Accounts } from "./ports.ts";

/** The accounts as the machine's name service knows them: /etc/passwd, LDAP and whatever else is set up. */
export const accounts: Accounts = {
  self: () => ({ uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }),
  user: async (name) => {
    const fields = await entry("passwd", name);
    return fields && { uid: Number(fields[2]), gid: Number(fields[3]) };
  },
  group: async (name) => {
    const fields = await entry("group", name);
    return fields && Number(fields[2]);
  },
};

type Database = "passwd" | "group";

async function entry(database: Database, name: string): Promise<readonly string[] | undefined> {
  const line = await ask(database, name);
  const fields = line?.split(":");
  return fields?.[0] === name && /^\d+$/.test(fields[2] ?? "") ? fields : undefined;
}

function ask(database: Database, name: string): Promise<string | undefined> {
  const options = { env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" }, timeout: 10_000, killSignal: "SIGKILL" } as const;
  return new Promise((resolve) => {
    execFile("getent", ["--", database, name], options, (error, output) => {
      // Exit code 2 means "no such name"; anything else that getent cannot run or answer: the file of this machine.
      if (error === null) resolve(output.split("\n")[0]);
      else if (error.code === 2) resolve(undefined);
      else resolve(fromFile(database, name));
    });
  });
}

async function fromFile(database: Database, name: string): Promise<string | undefined> {
  const text = await readFile(`/etc/${database}`, "utf8");
  return text.split("\n").find((line) => line.startsWith(`${name}:`));
}
