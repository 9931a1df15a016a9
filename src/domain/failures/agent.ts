import { lasting, passing } from "./entry.ts";

export const agentFailures = {
  "agent-running": passing<{ path: string; pid: string; what: string }>(
    ({ path, pid, what }) => `The state folder ${path} is in use by another Dropship: process ${pid} (${what}).`,
    ({ what }) =>
      what === "agent"
        ? 'Talk to it ("dropship status", "dropship update", …), or stop it first ("systemctl stop dropship").'
        : 'Try again when it has ended; "dropship status" shows how far it is.',
  ),
  "no-agent": passing<{ path: string }>(
    ({ path }) => `No agent runs on the state folder ${path}.`,
    () => 'Start it with "systemctl start dropship" or "dropship agent".',
    "no-agent",
  ),
  "state-folder-unsafe": lasting<{ path: string; problem: string }>(
    ({ path, problem }) => `The state folder ${path} cannot be trusted: ${problem}.`,
    ({ path }) => `Correct it ("chown $(id -u) ${path}; chmod 0700 ${path}") or name another with state_path.`,
    "config",
  ),
  "state-folder-unusable": passing<{ path: string; reason: string }>(
    ({ path, reason }) => `The state folder ${path} cannot be used: ${reason}.`,
    () => "Make room, or mount it for writing; the running services are left alone meanwhile.",
  ),
  "control-socket-unusable": passing<{ path: string; reason: string }>(
    ({ path, reason }) => `The control socket ${path} cannot be opened: ${reason}.`,
    () => "Choose a state_path on a local file system whose name leaves the socket's below 108 bytes.",
  ),
  "control-forbidden": lasting<{ path: string }>(
    ({ path }) => `The control socket ${path} belongs to another user.`,
    () => "Run the command as the user the agent runs as, usually with sudo.",
    "no-agent",
  ),
  "control-lost": passing<{ path: string; reason: string }>(
    ({ path, reason }) => `The agent behind ${path} stopped answering: ${reason}.`,
    () => 'What it had begun it ends or undoes when it runs again; "dropship status" then tells how it went.',
    "no-agent",
  ),
  "control-version": lasting<{ theirs: string; ours: string }>(
    ({ theirs, ours }) => `The agent speaks control protocol ${theirs}, this command ${ours}.`,
    () => 'Restart the agent after an upgrade: "systemctl restart dropship".',
  ),
  "control-request": lasting<{ problem: string }>(
    ({ problem }) => `The agent does not understand the request: ${problem}.`,
    () => "Use the dropship command of the same version as the agent.",
    "usage",
  ),
  "unknown-service": lasting<{ service: string; hint: string }>(
    ({ service, hint }) => `There is no service "${service}"${hint || "."}`,
    () => '"dropship status" lists the services; "dropship reload" (or SIGHUP) reads new ones from the config.',
    "usage",
  ),
  "unknown-release": lasting<{ service: string; release: string }>(
    ({ service, release }) => `The service "${service}" has no release "${release}" on disk.`,
    ({ service }) => `"dropship releases ${service}" lists those that can be activated at once.`,
    "usage",
  ),
  "ambiguous-release": lasting<{ service: string; release: string; candidates: string }>(
    ({ service, release, candidates }) => `"${release}" means several releases of "${service}": ${candidates}.`,
    () => "Write more of the name.",
    "usage",
  ),
  "no-earlier-release": lasting<{ service: string }>(
    ({ service }) => `The service "${service}" has no earlier good release on disk to go back to.`,
    ({ service }) => `"dropship releases ${service}" lists what there is; name one of them to go to it all the same.`,
  ),
  "nothing-to-pin": lasting<{ service: string }>(
    ({ service }) => `The service "${service}" runs no release yet that it could be pinned to.`,
    ({ service }) => `Run "dropship update ${service}" first, or name a release.`,
  ),
  "service-busy": passing<{ service: string; state: string }>(
    ({ service, state }) => `The service "${service}" is in the middle of an update (${state}).`,
    ({ service }) => `Try again when it ended; "dropship status ${service}" shows how far it is.`,
    "not-now",
  ),
  "check-overdue": passing<{ service: string; after: number }>(
    ({ service, after }) => `The repository of service "${service}" did not answer within ${after} s.`,
    () => "Nothing to do: it is asked again by itself, and what runs now is left alone.",
    "unreachable",
  ),
  "service-removed": lasting<{ service: string }>(
    ({ service }) => `The service "${service}" was taken out of the configuration.`,
    () => "Nothing to do; what is installed stays where it is.",
  ),
  "unknown-attempt": lasting<{ service: string; attempt: string }>(
    ({ service, attempt }) => `The service "${service}" has no attempt "${attempt}" on record.`,
    ({ service }) => `"dropship history ${service}" lists the attempts that are kept.`,
    "usage",
  ),
  "no-attempt": lasting<{ service: string }>(
    ({ service }) => `The service "${service}" has not been updated by this agent yet.`,
    ({ service }) => `"dropship check ${service}" tells what would happen.`,
  ),
  "agent-stopping": passing<Record<never, never>>(
    () => "The agent is stopping.",
    () => "Ask again once it runs; an open update is continued by then.",
    "not-now",
  ),
  "descriptors-used-up": passing<Record<never, never>>(
    () => "The agent may not open more files (EMFILE).",
    () => 'Raise the limit ("LimitNOFILE=" in the unit, "ulimit -n"); it tries again by itself.',
  ),
};
