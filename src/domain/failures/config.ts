import { lasting } from "./entry.ts";

export const configFailures = {
  "config-refused": lasting<{ file: string; errors: number; first: string }>(
    ({ file, errors, first }) => {
      const counted = errors === 1 ? "an error" : `${errors} errors`;
      return `The configuration ${file} has ${counted}${first === "" ? ", shown above" : `: ${first}`}.`;
    },
    ({ file, first }) =>
      first === ""
        ? "Mend it and try again; nothing was changed."
        : `Run "dropship validate --config ${file}" to see every one with its place.`,
    "config",
  ),
  "template-invalid": lasting<{ message: string }>(
    ({ message }) => `A template cannot be filled in: ${message}.`,
    () => 'Run "dropship explain hook" for what a template may hold.',
    "config",
  ),
};
