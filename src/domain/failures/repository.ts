import { passing } from "./entry.ts";

export const repositoryFailures = {
  "artifact-missing": passing<{ artifact: string }>(
    ({ artifact }) => `${artifact} does not exist in its repository.`,
    () => "Upload it, or correct the bucket and path; what runs now is left alone.",
    "unreachable",
  ),
  "access-denied": passing<{ artifact: string; status: number }>(
    ({ artifact, status }) => `The repository refuses access to ${artifact} (answer ${status}).`,
    () => "Check the credentials of the repo block and what they may read.",
    "unreachable",
  ),
};
