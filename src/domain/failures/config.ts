import { lasting } from "./entry.ts";

export const configFailures = {
  "config-refused": lasting<{ file: string; errors: number; first: string }>(
    ({ file, errors, first }) =>
      `The configuration ${file} has ${errors === 1 ? "an error" : `${errors} errors`}: ${first}.`,
    ({ file }) => `Run "dropship validate --config ${file}" to see every one with its place.`,
    "config",
  ),
  "template-invalid": lasting<{ message: string }>(
    ({ message }) => `A template cannot be filled in: ${message}.`,
    () => 'Run "dropship explain hook" for what a template may hold.',
    "config",
  ),
};
