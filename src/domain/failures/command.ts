import { lasting, passing } from "./entry.ts";

export const commandFailures = {
  unexpected: lasting<{ message: string }>(
    ({ message }) => `Something went wrong that Dropship has no word for: ${message}.`,
    () => "Please report it with the log lines around it; the running service was left alone.",
  ),
  "unknown-command": lasting<{ word: string; hint: string }>(
    ({ word, hint }) => `There is no command "${word}"${hint || "."}`,
    () => 'Run "dropship help" for the list.',
    "usage",
  ),
  "unknown-option": lasting<{ command: string; option: string; hint: string }>(
    ({ command, option, hint }) => `"${command}" has no option "${option}"${hint || "."}`,
    ({ command }) => `Run "${command} --help" for its options.`,
    "usage",
  ),
  "option-without-value": lasting<{ command: string; option: string; value: string }>(
    ({ option, value }) => `The option "${option}" needs a value: ${option} ${value}.`,
    ({ command }) => `Run "${command} --help" for its options.`,
    "usage",
  ),
  "option-missing": lasting<{ command: string; option: string; value: string }>(
    ({ command, option }) => `"${command}" needs the option "${option}".`,
    ({ option, value }) => `Write it like this: ${option} ${value}.`,
    "usage",
  ),
  "option-with-value": lasting<{ command: string; option: string }>(
    ({ option }) => `The option "${option}" takes no value.`,
    ({ command }) => `Run "${command} --help" for its options.`,
    "usage",
  ),
  "option-not-a-number": lasting<{ option: string; given: string; lowest: number; highest: number }>(
    ({ option, given, lowest, highest }) =>
      `The option "${option}" is a whole number from ${lowest} to ${highest}, not "${given}".`,
    ({ option, lowest }) => `Write it like this: ${option} ${lowest}.`,
    "usage",
  ),
  "option-alone": lasting<{ option: string; needed: string }>(
    ({ option, needed }) => `The option "${option}" says something together with "${needed}" only.`,
    ({ option, needed }) => `Add ${needed}, or leave ${option} out.`,
    "usage",
  ),
  "option-not-a-duration": lasting<{ option: string; given: string }>(
    ({ option, given }) => `The option "${option}" is a duration, not "${given}".`,
    ({ option }) => `Write it like this: ${option} 30m.`,
    "usage",
  ),
  "set-up-lacks": lasting<{ what: string; write: string }>(
    ({ what }) => `"dropship init" needs to know ${what}, and there is no terminal to ask on.`,
    ({ write }) => `Write it like this: dropship init ${write}.`,
    "usage",
  ),
  "set-up-address": lasting<{ address: string }>(
    ({ address }) => `"${address}" is no address of an artifact that "dropship init" can write down.`,
    () =>
      "Write s3://BUCKET/KEY, http://… or https://…, or an absolute path; for Swift and Rackspace see their guide page.",
    "usage",
  ),
  "set-up-name": lasting<{ name: string }>(
    ({ name }) => `"${name}" cannot be the name of a service.`,
    () => "Begin it with a letter or a digit, leave out slashes, and keep it below 65 characters.",
    "usage",
  ),
  "set-up-unwritable": lasting<{ path: string; reason: string }>(
    ({ path, reason }) => `${path} could not be written: ${reason}.`,
    () =>
      "Run it as the user who owns the configuration (sudo dropship init …), or name another main file with --config.",
  ),
  "set-up-taken": lasting<{ what: string }>(
    ({ what }) => `${what} is there already; nothing was changed.`,
    () => "Change that file by hand, or take another name.",
  ),
  "argument-missing": lasting<{ command: string; argument: string; operands: string }>(
    ({ command, argument }) => `"${command}" needs to know which ${argument}.`,
    ({ command, operands }) => `Write it like this: ${command} ${operands}.`,
    "usage",
  ),
  "unknown-verb": lasting<{ command: string; word: string; hint: string; known: string }>(
    ({ command, word, hint }) => `"${command}" does not know what "${word}" is to do${hint || "."}`,
    ({ known }) => `Known are ${known}; they come first, then the service.`,
    "usage",
  ),
  "argument-surplus": lasting<{ command: string; word: string }>(
    ({ command, word }) => `"${command}" does not know what to do with "${word}".`,
    ({ command }) => `Run "${command} --help" for what it takes.`,
    "usage",
  ),
  "argument-unknown": lasting<{ argument: string; word: string; hint: string; known: string }>(
    ({ argument, word, hint }) => `There is no ${argument} "${word}"${hint || "."}`,
    ({ known }) => `Known are ${known}.`,
    "usage",
  ),
  "stopped-looking": passing<Record<never, never>>(
    () => "Stopped before there was an answer.",
    () => "Nothing was changed.",
    "interrupted",
  ),
  "stopped-asking": passing<{ service: string }>(
    () => "Stopped before the store had answered.",
    ({ service }) => `"dropship rollout ${service}" shows how it stands.`,
    "interrupted",
  ),
  detached: passing<{ what: string }>(
    ({ what }) => `The agent was left to itself; it goes on with what "${what}" asked for.`,
    () => '"dropship status" shows how far it is.',
    "interrupted",
  ),
};
