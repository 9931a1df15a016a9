import { didYouMean } from "../../domain/did-you-mean.ts";
import { failure } from "../../domain/failures/failure.ts";
import { logFormats, logLevels } from "../agent-doors.ts";
import { defineCommand, type Given } from "../command.ts";

export const agent = defineCommand({
  name: "agent",
  summary: "Look after every service until told to stop (SIGTERM). SIGHUP reads the configuration again.",
  details:
    "It writes one line per event to standard error: text on a terminal, journald's own form under systemd, JSON elsewhere. With --once it looks at every service once, updates what has changed and ends: for cron.",
  flags: {
    once: { summary: "Look at every service once, update what has changed, then end." },
    "log-level": { summary: `The least that is logged: ${logLevels.join(", ")}. Default: info.`, value: "LEVEL" },
    "log-format": { summary: `How lines are written: ${logFormats.join(", ")}. Default: auto.`, value: "FORMAT" },
  },
  examples: [
    ["dropship agent", "run in the foreground, as systemd does"],
    ["dropship agent --once", "one round, for cron; the exit code tells how it went"],
  ],
  json: "the log, with --log-format json: { time, level, event, … }, one per line on standard error",
  run: (context, given) =>
    context.runAgent({
      once: given.flags["once"] !== undefined,
      logLevel: oneOf(given, "log-level", logLevels, "info"),
      logFormat: oneOf(given, "log-format", logFormats, "auto"),
    }),
});

function oneOf<Word extends string>({ flags }: Given, name: string, words: readonly Word[], otherwise: Word): Word {
  const word = flags[name];
  if (word === undefined) return otherwise;
  const found = words.find((known) => known === word);
  if (found !== undefined) return found;
  const argument = name.replace("-", " ");
  throw failure("argument-unknown", { argument, word, hint: didYouMean(word, words), known: words.join(", ") });
}
