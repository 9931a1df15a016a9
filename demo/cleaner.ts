import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Ends every process of the demo and removes its folder, as soon as the demo itself ends: even if it is killed. */
export interface Cleaner {
  /** Cleans now. */
  clean(): Promise<void>;
  /** Leaves the folder and the services as they are. */
  keep(): Promise<void>;
}

/** A process of its own, that outlives this one: what it waits for is the end of the pipe between the two. */
export function startCleaner(folder: string): Cleaner {
  const child = spawn("bash", [join(import.meta.dirname, "cleaner.sh")], {
    cwd: "/",
    detached: true,
    env: { PATH: process.env["PATH"], FOLDER: folder },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = once(child, "exit");
  ended.catch(() => undefined);
  child.unref();
  const tell = async (word: string) => {
    child.ref();
    child.stdin.end(word);
    await ended;
  };
  return { clean: () => tell(""), keep: () => tell("keep\n") };
}
