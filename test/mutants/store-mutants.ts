import { type Mutant, simulated, tests } from "./mutant.ts";

const change = "src/rollout/change-record.ts";
const acquire = "src/rollout/acquire-slot.ts";
const hold = "src/rollout/hold-slot.ts";
const observe = "src/rollout/observe-beats.ts";
const reader = "src/rollout/record-reader.ts";
const answers = (only: string) => tests("test/rollout/lost-answers.test.ts", only);
const holders = (only: string) => tests("test/rollout/lost-holders.test.ts", only);
const records = (only: string) => tests("test/rollout/lost-records.test.ts", only);

/** What comes between the rules and a store: answers that are lost, holders that are, and records. */
export const mutants: readonly Mutant[] = [
  {
    name: "a write without an answer counts as not done",
    file: change,
    from: 'if (swap.outcome === "unknown") throw problemOf(swap.problem);\n  rounds.open.delete(operation);',
    to: 'rounds.open.delete(operation);\n  if (swap.outcome === "unknown") throw problemOf(swap.problem);',
    by: answers("70: answers that are lost"),
    says: /each was written once/,
  },
  {
    name: "a write without an answer counts as done",
    file: change,
    from: 'if (swap.outcome === "unknown") throw problemOf(swap.problem);',
    to: 'if (swap.outcome === "unknown") return { outcome: "written", before: seen.record, record: verdict.record };',
    by: answers("70: a fence whose question was lost"),
    says: /whoever passed the fence stands in the record/,
  },
  {
    name: "the record goes with the last slot",
    file: hold,
    from: 'return { outcome: "reported", seq: changed.record?.seq ?? reader.floor() };',
    to: 'await reader.store.remove(reader.key, limit.signal);\n    return { outcome: "reported", seq: changed.record?.seq ?? reader.floor() };',
    by: answers("69"),
    says: /The rollout record in the store cannot be read/,
  },
  {
    name: "a fence that nobody answers lets the host switch",
    file: hold,
    from: "return refuse(asFailure(thrown).message);",
    to: 'return { outcome: "fenced", seq: reader.floor() };',
    by: answers("68"),
    says: /'fenced'[^']*'refused'/,
  },
  {
    name: "a fence waits for its store as long as it takes",
    file: hold,
    from: "const fenceDeadline: Milliseconds = 30_000;",
    to: "const fenceDeadline: Milliseconds = 300_000;",
    by: answers("68"),
    says: /30_?100|false/,
  },
  {
    name: "an outcome that the store did not take counts as told",
    file: hold,
    from: 'return { outcome: "later", problem };',
    to: 'return { outcome: "reported", seq: reader.floor() };',
    by: answers("69"),
    says: /later/,
  },
  {
    name: "a holder is judged by the clock on the wall",
    file: observe,
    from: "if (stoodStill(sight, beat && new TextDecoder().decode(beat.bytes), clock.monotonic()) >= slot.lostAfter) {",
    to: "if (stoodStill(sight, beat && new TextDecoder().decode(beat.bytes), clock.wall()) >= slot.lostAfter) {",
    by: holders("73: a wall clock that is set back"),
    says: /'lost'|lost after/,
  },
  {
    name: "a holder is judged by the clock that it wrote into its beat",
    file: observe,
    from: "if (stoodStill(sight, beat && new TextDecoder().decode(beat.bytes), clock.monotonic()) >= slot.lostAfter) {",
    to: "if (clock.wall() - (beat ? JSON.parse(new TextDecoder().decode(beat.bytes)).at : 0) >= slot.lostAfter) {",
    by: holders("73: a wall clock that jumps"),
    says: /lost/,
  },
  {
    name: "whoever stood still itself calls the others lost",
    file: observe,
    from: "sight.beat === beat && gap <= longestGap;",
    to: "sight.beat === beat;",
    by: tests("test/rollout/observe-beats.test.ts"),
    says: /called lost after/,
  },
  {
    name: "whoever was cut off calls the others lost",
    file: acquire,
    from: "observer.blind();",
    to: "",
    by: holders("72: nobody with little patience"),
    says: /lost/,
  },
  {
    name: "a record that vanished is begun anew",
    file: reader,
    from: "const record = found && decode(found.bytes, store.place);",
    to: "const record = found && decode(found.bytes, store.place);\n        if (record === undefined) return keep({ record, version: found?.version });",
    by: records("76: a host that saw a record"),
    says: /nobody made a record/,
  },
  {
    name: "a fleet that saw a record begins another",
    file: "src/rollout/reports.ts",
    from: 'if (floor > 0) throw failure("record-vanished"',
    to: 'if (floor < 0) throw failure("record-vanished"',
    by: records("76: a record that was removed"),
    says: /undefined|record-vanished/,
  },
  {
    name: "a record that went back is believed",
    file: reader,
    from: "const record = found && decode(found.bytes, store.place);",
    to: "const record = found && decode(found.bytes, store.place);\n        if (record !== undefined) return keep({ record, version: found?.version });",
    by: records("76: a record restored"),
    says: /refused/,
  },
  {
    name: "one old answer is a vanished record",
    file: acquire,
    from: 'if (problem.code !== "record-vanished" || troubles > 1) say(troubleOf(problem));',
    to: "say(troubleOf(problem));",
    by: records("76: one old answer"),
    says: /record-vanished/,
  },
  {
    name: "a broken store is trusted",
    file: "src/rollout/create-coordinator.ts",
    from: "requireFit(store.place, await probeStore(store, space, random, limit.signal));",
    to: "await probeStore(store, space, random, limit.signal);",
    by: simulated(2000),
    says: /VIOLATED (unfit|S1): /,
  },
];
