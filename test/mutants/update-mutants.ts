import { type Mutant, simulated, tests } from "./mutant.ts";

const switching = "src/update/steps/switching.ts";
const keeper = "src/update/slot-keeper.ts";
const states = "src/update/states.ts";
const report = "src/update/slot-report.ts";
const machine = "src/update/machine.ts";
const fleet = (only: string) => tests("test/update/fleet.test.ts", only);

/** One host's update: its fence, its journal, and what it tells its fleet. */
export const mutants: readonly Mutant[] = [
  {
    name: "nobody asks at the fence",
    file: keeper,
    from: "if (!coordinates(update)) return undefined;\n      const asked",
    to: "askedAt = clock.monotonic();\n      if (update.id !== undefined) return undefined;\n      const asked",
    by: fleet("halted between the slot and the fence"),
    says: /'updated'[^']*'postponed'/,
  },
  {
    name: "nobody asks at the fence, in a whole fleet",
    file: keeper,
    from: "if (!coordinates(update)) return undefined;\n      const asked",
    to: "askedAt = clock.monotonic();\n      if (update.id !== undefined) return undefined;\n      const asked",
    by: simulated(100),
    says: /VIOLATED I5: \S+ switches, and never passed the fence/,
  },
  {
    name: "an answer of the fence is good for ever",
    file: keeper,
    from: "clock.monotonic() - askedAt <= goodFor)",
    to: "clock.monotonic() - askedAt <= Number.POSITIVE_INFINITY)",
    by: fleet("the store answers too slowly"),
    says: /postponed/,
  },
  {
    name: "an answer of the fence is good from when it came",
    file: keeper,
    from: 'askedAt = answer?.outcome === "fenced" ? asked : undefined;',
    to: 'askedAt = answer?.outcome === "fenced" ? clock.monotonic() : undefined;',
    by: fleet("the store answers too slowly"),
    says: /postponed/,
  },
  {
    name: "an agent that was started anew does not ask again",
    file: switching,
    from: "if (ports.slot.isFresh(update)) return { learned: {} };",
    to: "if (id !== undefined) return { learned: {} };",
    by: simulated(2000),
    says: /VIOLATED I5/,
  },
  {
    name: "no beat is given",
    file: "src/update/steps/acquiring.ts",
    from: "slot.beat(update);",
    to: "",
    by: simulated(2000),
    says: /VIOLATED L5: \S+ was called lost, and is well/,
  },
  {
    name: "a failure is told as nobody's fault",
    file: report,
    from: 'case "withdrawn":\n      return "failed";',
    to: 'case "withdrawn":\n      return "released";',
    by: fleet("a bad release"),
    says: /"failed":\[\]|ok\(proof|canary/,
  },
  {
    name: "a sick host condemns the content",
    file: report,
    from: 'return blame === "host" ? "aborted" : "released";',
    to: 'return blame === "host" ? "failed" : "released";',
    by: fleet("a host that gives up before the switch"),
    says: /"failed":\[\{/,
  },
  {
    name: "an outcome that was not taken is not owed",
    file: machine,
    from: 'entered.state === "idle" && entered.reported !== true ? slotReportOf(entered) : undefined',
    to: "undefined",
    by: simulated(2000),
    says: /VIOLATED I6: \S+ ended, holds its slot/,
  },
  {
    name: "what is owed is never told",
    file: "src/agent/fleet-duties.ts",
    from: "for (const report of rolloutOf(state()).owed) await settle(ports, report, signal);",
    to: "",
    by: simulated(2000),
    says: /VIOLATED L1: \S+ still owes/,
  },
  {
    name: "the floor is not kept",
    file: machine,
    from: "const known = entered.floor === undefined ? state : withFloor(state, entered.floor);",
    to: "const known = state;",
    by: simulated(2000),
    says: /VIOLATED S5: \S+ switches, and remembers nothing/,
  },
  {
    name: "a release that is not wanted any more is waited for",
    file: "src/update/steps/acquiring.ts",
    from: "if (!(await stillWanted(ports, update, signal).catch(() => true))) break;",
    to: "",
    by: fleet("a newer upload ends the wait"),
    says: /superseded|deadline|end/,
  },
  {
    name: "what went bad here is tried again",
    file: "src/update/next-move.ts",
    from: 'if (denied && !held) return { move: "hold", why: "denied", marker, reason: denied.reason };',
    to: "",
    by: tests("test/update/service-state.test.ts"),
    says: /denied|hold/,
  },
  {
    name: "what went bad here is unpacked again",
    file: "src/update/steps/verifying.ts",
    from: 'if (!denied) return { outcome: "verified" };',
    to: 'if (denied !== null) return { outcome: "verified" };',
    by: tests("test/update/workflow.test.ts"),
    says: /refused|aborted|denied/,
  },
  {
    name: "the new state is remembered before the release proved good",
    file: machine,
    from: 'if (entered.state === "committing") return committed(before, entered, now);',
    to: 'if (entered.state === "checking-health") return committed(before, entered, now);',
    by: tests("test/update/watching.test.ts"),
    says: /the one before is what runs/,
  },
  {
    name: "a step runs before its state is journaled",
    file: machine,
    from: "await persist(entered, remembered(entered, machine, now), machine);\n  if",
    to: "queueMicrotask(() => void persist(entered, remembered(entered, machine, now), machine));\n  if",
    by: tests("test/update/crash.test.ts"),
    says: /./,
  },
  {
    name: "a release counts as good without a look at its health",
    file: states,
    from: 'next: { done: "checking-health", failed: "running-rollback-before-hooks" }',
    to: 'next: { done: "committing", failed: "running-rollback-before-hooks" }',
    by: tests("test/update/workflow.test.ts"),
    says: /rolled-back|unhealthy/,
  },
];
