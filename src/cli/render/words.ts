import type { Attempt, CheckReport } from "../../agent/operations.ts";
import type { Release } from "../../domain/release.ts";
import type { UpdateOutcome } from "../../update/record.ts";
import type { StateName } from "../../update/states.ts";
import type { Style } from "../screen.ts";

/** What is being done in a state, for a person. */
export const stateWords: Readonly<Record<StateName, string>> = {
  fetching: "downloading",
  verifying: "checking the download",
  staging: "unpacking",
  acquiring: "waiting for its turn in the fleet",
  confirming: "checking that it is still wanted",
  "running-before-hooks": "running the before hooks",
  adopting: "making way at the destination",
  fencing: "asking the fleet for the last time",
  switching: "switching to the new release",
  "running-after-hooks": "running the after hooks",
  "checking-health": "checking its health",
  committing: "keeping it as a good release",
  "running-success-hooks": "running the success hooks",
  restoring: "starting again what was stopped",
  "checking-restored": "checking the health of what was started again",
  "running-rollback-before-hooks": "rolling back: running the before hooks",
  "switching-back": "rolling back: switching to the previous release",
  "running-rollback-after-hooks": "rolling back: running the after hooks",
  "checking-rollback": "rolling back: checking the health of the previous release",
  "running-failure-hooks": "running the failure hooks",
  reporting: "reporting to the fleet",
  finishing: "finishing",
  idle: "idle",
};

const good: Style = "green";
const bad: Style = "red";
const so: Style = "yellow";

/** How an update ended, for a person, and the colour of it. */
export const outcomeWords: Readonly<Record<UpdateOutcome, readonly [words: string, style: Style]>> = {
  updated: ["updated", good],
  unchanged: ["same content, nothing to switch", good],
  aborted: ["aborted, nothing was switched", bad],
  superseded: ["a newer upload came before the switch", so],
  postponed: ["not now, tried again at the next check", so],
  "rolled-back": ["rolled back", bad],
  withdrawn: ["taken away again, nothing ran before", bad],
  broken: ["broken, going back failed too", bad],
};

export const checkWords: Readonly<Record<CheckReport["outcome"], readonly [words: string, style: Style]>> = {
  "up-to-date": ["up to date", good],
  "update-available": ["update available", so],
  refused: ["refused here", bad],
  pinned: ["pinned", so],
  paused: ["paused", so],
  failed: ["could not be checked", bad],
};

export function isAttempt(result: Attempt | CheckReport): result is Attempt {
  return "startedAt" in result;
}

/** A content as its fleet names it: `1.4.2 (3f9c2a718b01)`, or the digest alone. */
export function contentName({ digest, version }: { readonly digest: string; readonly version?: string }): string {
  const short = digest.slice(0, 12);
  return version === undefined ? short : `${version} (${short})`;
}

/** The name of a release as far as there is one. */
export function releaseName(release: Release | undefined): string {
  return release?.id ?? "nothing";
}
