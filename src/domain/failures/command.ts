import { lasting } from "./entry.ts";

export const commandFailures = {
  unexpected: lasting<{ message: string }>(
    ({ message }) => `Something went wrong that Dropship has no word for: ${message}.`,
    () => "Please report it with the log lines around it; the running service was left alone.",
  ),
  "unknown-command": lasting<{ word: string; hint: string }>(
    ({ word, hint }) => `There is no command "${word}"${hint}`,
    () => 'Run "dropship help" for the list.',
    "usage",
  ),
};
