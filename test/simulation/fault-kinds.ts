/**
 * Everything that goes wrong in these worlds, and how often at least and at most; a seed chooses which, and how often. `of`: each
 * call of an agent (there are some hundred in an update), each message between a process and the store, each hook, each request
 * to the depot, or each hour of the whole fleet.
 */
export const faultKinds = {
  // Processes and machines.
  "agent killed": { of: "call", least: 2e-4, most: 2e-2 },
  "power cut": { of: "call", least: 1e-4, most: 1e-2 },
  /** After a kill or a cut, so likely the next agent is killed soon, too. */
  "killed again": { of: "kill", least: 0.2, most: 0.95 },
  "agent stands still": { of: "call", least: 1e-4, most: 1e-2 },
  "agent stopped and started": { of: "hour", least: 0.3, most: 10 },
  "machine suspended": { of: "hour", least: 0.2, most: 6 },
  "machine sick": { of: "hour", least: 0.2, most: 4 },
  "clock set": { of: "hour", least: 0.2, most: 10 },
  "host gone": { of: "hour", least: 0.1, most: 2 },
  "host reinstalled": { of: "hour", least: 0.1, most: 2 },
  "state folder lost": { of: "hour", least: 0.1, most: 2 },
  "host cloned": { of: "hour", least: 0.1, most: 1 },

  // Disks.
  "disk error": { of: "call", least: 5e-4, most: 5e-2 },
  "disk slow": { of: "hour", least: 0.3, most: 6 },
  "disk full": { of: "hour", least: 0.3, most: 6 },

  // Messages to the store.
  "lost request": { of: "message", least: 2e-3, most: 0.3 },
  "lost answer": { of: "message", least: 2e-3, most: 0.3 },
  late: { of: "message", least: 2e-3, most: 0.2 },
  doubled: { of: "message", least: 2e-3, most: 0.3 },
  refused: { of: "message", least: 2e-3, most: 0.3 },
  busy: { of: "message", least: 2e-3, most: 0.3 },
  slow: { of: "message", least: 2e-3, most: 0.3 },
  stale: { of: "message", least: 2e-3, most: 0.3 },
  "host cut off": { of: "hour", least: 0.5, most: 20 },
  "all cut off": { of: "hour", least: 0.1, most: 2 },

  // The store and the depot.
  "store down": { of: "hour", least: 0.3, most: 6 },
  "record removed": { of: "hour", least: 0.1, most: 1 },
  "record restored": { of: "hour", least: 0.1, most: 2 },
  "record damaged": { of: "hour", least: 0.1, most: 1 },
  "report damaged": { of: "hour", least: 0.1, most: 2 },
  "depot refuses": { of: "request", least: 5e-3, most: 0.3 },
  "depot slow": { of: "request", least: 5e-3, most: 0.2 },
  "depot down": { of: "hour", least: 0.3, most: 4 },

  // Hooks.
  "hook fails at first": { of: "hook", least: 5e-3, most: 0.3 },
  "hook fails at last": { of: "hook", least: 5e-3, most: 0.3 },
  "hook says not now": { of: "hook", least: 5e-3, most: 0.4 },
  "hook hangs": { of: "hook", least: 5e-3, most: 0.2 },
  "hook slow": { of: "hook", least: 5e-3, most: 0.3 },
  "hook killed": { of: "hook", least: 5e-3, most: 0.2 },

  // People.
  "operator of the fleet": { of: "hour", least: 0.3, most: 12 },
  "operator of a host": { of: "hour", least: 0.3, most: 6 },
  "configuration changed": { of: "hour", least: 0.3, most: 6 },
} as const satisfies Record<string, { readonly of: string; readonly least: number; readonly most: number }>;

export type FaultKind = keyof typeof faultKinds;
