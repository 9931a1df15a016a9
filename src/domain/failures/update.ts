import { lasting, passing } from "./entry.ts";

export const updateFailures = {
  "update-failed": passing<{ service: string }>(
    ({ service }) => `The update of service "${service}" failed.`,
    ({ service }) => `See "dropship logs ${service}" for what was observed.`,
  ),
  "rollback-failed": lasting<{ service: string }>(
    ({ service }) => `Service "${service}" could not be brought back to its previous release.`,
    ({ service }) =>
      `Look at "dropship logs ${service}" and at the service itself; then say "dropship rollback ${service}" or "dropship retry ${service}".`,
    "rolled-back",
  ),
  "rollback-overtaken": lasting<{ service: string; problem: string; first: string }>(
    ({ service, problem, first }) =>
      `Service "${service}" could not be brought back to its previous release: ${problem} It went back because: ${first}`,
    ({ service }) =>
      `Look at "dropship logs ${service}" and at the service itself; then say "dropship rollback ${service}" or "dropship retry ${service}".`,
    "rolled-back",
  ),
  "restore-failed": lasting<{ service: string; problem: string; first: string }>(
    ({ service, problem, first }) =>
      `Service "${service}" could not be started again after an aborted update: ${problem} The update was aborted because: ${first}`,
    ({ service }) =>
      `Look at "dropship logs ${service}" and at the service itself; then say "dropship retry ${service}".`,
  ),
  "left-by-operator": lasting<{ release: string }>(
    ({ release }) => `Release ${release} was left by hand.`,
    () => 'The next upload is installed. "dropship pin" stays on what runs; "dropship retry" takes this one up again.',
  ),
  "content-denied": lasting<{ release: string; reason: string }>(
    ({ release, reason }) => `Release ${release} is not tried again, for it went bad here before: ${reason}`,
    () => 'Upload another content, or say "dropship retry" when the cause is gone.',
  ),
  "space-missing": passing<{ folder: string; needed: string; free: string }>(
    ({ folder, needed, free }) => `The update needs ${needed} of free space in ${folder}; ${free} are left.`,
    () => "Make room there; the update is tried again by itself.",
  ),
  "files-missing": passing<{ folder: string; needed: number; free: number }>(
    ({ folder, needed, free }) => `The update needs ${needed} free inodes in ${folder}; ${free} are left.`,
    () => "Remove small files there, or make a file system with more inodes; the update is tried again by itself.",
  ),
  "update-overdue": lasting<{ service: string; after: string }>(
    ({ service, after }) => `The update of service "${service}" did not end within ${after}.`,
    () => 'See what it waited for with "dropship logs", or set a longer updateDeadline.',
  ),
  "update-condemned": lasting<{ service: string; state: string }>(
    ({ service, state }) => `The agent crashed three times while the update of service "${service}" was ${state}.`,
    () => 'Look for the cause in the agent\'s log; then say "dropship retry".',
  ),
  "hook-refused": lasting<{ hook: string; reason: string }>(
    ({ hook, reason }) => `The hook ${hook} refused: ${reason}`,
    ({ hook }) => `See what it printed with "dropship logs"; mend ${hook} or what it found.`,
  ),
  "hook-not-now": passing<{ hook: string }>(
    ({ hook }) => `The hook ${hook} says "not now" (exit 75).`,
    () => "Nothing to do: the update is tried again at the next check.",
    "not-now",
  ),
  "hook-failed": lasting<{ hook: string; code: number; last: string }>(
    ({ hook, code, last }) => `The hook ${hook} ended with exit code ${code}${last}.`,
    ({ hook }) => `See what it printed with "dropship logs"; mend ${hook} or what it found.`,
  ),
  "hook-signalled": lasting<{ hook: string; signal: string }>(
    ({ hook, signal }) => `The hook ${hook} was ended from outside by ${signal}.`,
    () => "Look for who sent the signal: an operator, or the kernel when memory ran out.",
  ),
  "hook-timed-out": lasting<{ hook: string; detail: string }>(
    ({ hook, detail }) => `The hook ${hook} took too long: ${detail}.`,
    () => 'See what it waited for with "dropship logs", or give it a longer timeout.',
  ),
  "hook-stopped": passing<{ hook: string; detail: string }>(
    ({ hook, detail }) => `The hook ${hook} was stopped before its end: ${detail}.`,
    () => "Nothing to do: the agent or the update was told to stop.",
  ),
  "hook-not-started": lasting<{ hook: string; reason: string }>(
    ({ hook, reason }) => `The hook ${hook} could not be started: ${reason}.`,
    () => "Correct its block in the configuration, or what is missing on this host.",
  ),
  "hook-event-lost": passing<{ hook: string; reason: string }>(
    ({ hook, reason }) => `The event of the hook ${hook} was not taken: ${reason}`,
    () => "Check the address and the server; the update goes on without it unless the hook is required.",
  ),
  "service-unhealthy": lasting<{ service: string; reason: string }>(
    ({ service, reason }) => `Service "${service}" did not become healthy: ${reason}`,
    () => 'See what the probes answered with "dropship logs"; upload a mended release.',
    "rolled-back",
  ),
  "outcome-owed": passing<{ service: string; place: string }>(
    ({ service, place }) =>
      `The outcome of the last update of service "${service}" could not be reported to ${place}; no new one begins before that.`,
    () => "Nothing to do if the store comes back: the report is sent again.",
    "unreachable",
  ),
  "probe-timed-out": passing<{ after: number }>(
    ({ after }) => `no answer within ${after} ms.`,
    () => "Look at the service, or give the probe a longer timeout.",
  ),
};
