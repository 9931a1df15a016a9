import { lasting, passing } from "./entry.ts";

export const journalFailures = {
  "journal-unwritable": passing<{ path: string; reason: string }>(
    ({ path, reason }) => `The journal ${path} cannot be written: ${reason}.`,
    () => "Make room on its file system, or mend it; open updates wait and go on by themselves.",
  ),
  "journal-unusable": passing<{ path: string; reason: string }>(
    ({ path, reason }) => `The journal ${path} cannot be opened: ${reason}.`,
    () => "Check the file's owner and rights, and the disk that it is on.",
  ),
  "journal-newer": lasting<{ path: string; theirs: number; ours: number }>(
    ({ path, theirs, ours }) =>
      `The journal ${path} was written by a newer Dropship (its format is ${theirs}, this one knows ${ours}).`,
    () => "Install that version again; nothing was changed.",
  ),
  "journal-lost": lasting<{ database: string; copies: string; bad: string }>(
    ({ database, copies, bad }) =>
      `The journal ${database} is damaged or gone, and its second copy in ${copies} cannot replace it (${bad}).`,
    ({ database, copies }) =>
      `Restore both from one backup; or remove ${database} and ${copies}, and every service is adopted as it stands, without memory of bad releases and pins.`,
  ),
  "journal-rebuilt": lasting<{ database: string; reason: string; aside: string }>(
    ({ database, reason, aside }) =>
      `The journal ${database} was ${reason} and has been rebuilt from its second copy; the history of attempts is lost${aside}.`,
    () => "Look for the cause: a failing disk, or somebody who removes files.",
  ),
  "journal-outdated": lasting<{ database: string; services: string }>(
    ({ database, services }) => `The journal ${database} was older than its second copy for: ${services}.`,
    () => "The newer memory was taken. Look whether somebody restored the file from a backup.",
  ),
  "second-copy-damaged": lasting<{ files: string }>(
    ({ files }) => `The journal's second copy was damaged and has been written anew: ${files}.`,
    () => "Look for the cause: a failing disk, or somebody who edits these files.",
  ),
  "second-copy-unwritable": passing<{ folder: string; reason: string }>(
    ({ folder, reason }) => `The journal's second copy in ${folder} cannot be written: ${reason}.`,
    () => "Make room on its file system, or mend it; it is written again with the next change.",
  ),
};
