import type { ObjectFolder } from "../../src/drivers/repositories/objects.ts";

/** What is asked of a store. */
export type Verb = "read" | "measure" | "write" | "upload" | "list" | "remove";

/** The same folder; `before` hears of each request, and may keep it from being sent. */
export function watchedFolder(folder: ObjectFolder, before: (verb: Verb, key: string) => unknown): ObjectFolder {
  const heard =
    <Words extends readonly [string, ...unknown[]], Answer>(verb: Verb, ask: (...words: Words) => Promise<Answer>) =>
    async (...words: Words): Promise<Answer> => {
      await before(verb, words[0]);
      return await ask(...words);
    };
  return {
    ...folder,
    read: heard("read", folder.read),
    measure: heard("measure", folder.measure),
    write: heard("write", folder.write),
    upload: heard("upload", folder.upload),
    list: heard("list", folder.list),
    remove: heard("remove", folder.remove),
  };
}
