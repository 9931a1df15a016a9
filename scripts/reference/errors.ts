import type { Entry } from "../../src/domain/failures/entry.ts";
import { exitCodes } from "../../src/domain/failures/entry.ts";
import { catalogue } from "../../src/domain/failures/failure.ts";
import { code, type Page, page, plain, table } from "./page.ts";

/** Fills every detail of a sentence with its own name: `<artifact>`. */
const details = new Proxy({}, { get: (_target, name) => `<${String(name)}>` });

export function errorsPage(): Page {
  const entries = Object.entries(catalogue) as [string, Entry<unknown>][];
  const sorted = entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return page(
    "errors",
    "Errors",
    "Every error has a code that never changes its meaning, a sentence that says what is wrong and where, and a remedy. *Passing* errors may be gone at the next try without anybody changing anything; the agent tries again by itself. Exit codes: [exit-codes.md](exit-codes.md).",
    ...sorted.map(([name, entry]) =>
      [
        `## ${name}`,
        `> ${plain(entry.sentence(details))}`,
        `${plain(entry.remedy(details))}`,
        `${entry.passing ? "Passing" : "Lasting"}; exit code ${entry.exitCode} (${wordOf(entry.exitCode)}).`,
      ].join("\n\n"),
    ),
  );
}

function wordOf(exitCode: number): string {
  return Object.entries(exitCodes).find(([, value]) => value === exitCode)?.[0] ?? "";
}

const meanings: Record<keyof typeof exitCodes, string> = {
  done: "Done; with `check`: everything is up to date.",
  failed: "It failed; the message says why and what to do.",
  usage: "The command line was wrong: unknown command, option, service, host or release.",
  "update-available": "`check`: at least one service would be updated.",
  config: "The configuration (or a file or folder it rests on) is wrong or cannot be trusted.",
  unreachable: "A repository, or the store where hosts meet, could not be reached, or refused.",
  "no-agent": "The command needs a running agent, and there is none, or it may not be talked to.",
  "rolled-back": "The new release was bad: the update was rolled back, and the service runs what it ran before.",
  halted: "`rollout`: the rollout is halted, or the awaited release is refused by its fleet.",
  "not-now": "Not now (EX_TEMPFAIL): something else is going on; try again later.",
  interrupted: "Ctrl-C: the agent that was followed, or the rollout that was watched, goes on.",
};

export function exitCodesPage(): Page {
  const rows = Object.entries(exitCodes) as [keyof typeof exitCodes, number][];
  return page(
    "exit-codes",
    "Exit codes",
    "What the command line ends with. Scripts may rely on these numbers.",
    table(
      ["code", "name", "meaning"],
      rows.map(([name, value]) => [String(value), code(name), meanings[name]]),
    ),
    'A hook script answers with the same idea: 0 is done, 75 is "not now" (the attempt is dropped without blame and tried again at the next check), anything else is a failure.',
  );
}
