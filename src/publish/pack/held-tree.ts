import { closeSync, constants, openSync } from "node:fs";

/** A folder that is read without ever leaving it, whatever somebody puts in the place of what is in it meanwhile. */
export interface HeldTree extends Disposable {
  /**
   * A path that leads to this folder of the tree ("" for the topmost) until the next call: each folder on the way is held
   * open, and no link is followed. Throws the system's error.
   */
  enter(folder: string): string;
}

interface Held {
  readonly path: string;
  readonly descriptor: number;
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

export function holdTree(root: string): HeldTree {
  const top: Held = { path: "", descriptor: openSync(root, folderFlags) };
  const below: Held[] = [];
  const deepest = () => below.at(-1) ?? top;

  function leaveUntilAbove(folder: string): void {
    while (below.length > 0 && !`${folder}/`.startsWith(`${deepest().path}/`)) {
      closeSync(deepest().descriptor);
      below.pop();
    }
  }

  return {
    enter(folder) {
      leaveUntilAbove(folder);
      const { path: entered } = deepest();
      const rest = entered === "" ? folder : folder.slice(entered.length + 1);
      for (const name of rest === "" ? [] : rest.split("/")) {
        const { path, descriptor } = deepest();
        const inside = openSync(`/proc/self/fd/${descriptor}/${name}`, folderFlags);
        below.push({ path: path === "" ? name : `${path}/${name}`, descriptor: inside });
      }
      return `/proc/self/fd/${deepest().descriptor}`;
    },
    [Symbol.dispose]() {
      for (const { descriptor } of [...below, top]) closeSync(descriptor);
    },
  };
}
