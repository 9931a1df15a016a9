import type { Operations } from "../../src/agent/operations.ts";
import type { OperatorWord } from "../../src/rollout/operate.ts";
import { operate } from "../../src/rollout/operate.ts";
import type { Dice } from "./dice.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** People, who say the right thing, or anything, at any moment. */

/** Somebody says something about the whole rollout, from a machine of their own. */
export function fleetWord(world: World, dice: Dice): boolean {
  say(world, wordBy(world, dice));
  return true;
}

function wordBy({ hosts, plan }: World, dice: Dice): OperatorWord {
  switch (dice.whole(0, 6)) {
    case 0:
      return { type: "halt", reason: "somebody said so" };
    case 1:
      return { type: "pause" };
    case 2:
      return { type: "retry" };
    case 3:
      return { type: "forget", host: dice.pick(hosts).name };
    case 4:
      return { type: "set-limit", limit: dice.whole(1, Math.max(2, plan.hosts)) };
    default:
      return { type: "resume" };
  }
}

/** Never waited for; what it throws is the operator's to read. */
export function say(world: World, word: OperatorWord): void {
  world.trace.note("operator", word.type, word.type === "forget" ? word.host : undefined);
  operate(world.desk, word, never).then(
    ({ changed }) => world.trace.note("operator", `${word.type} is done`, changed ? "changed" : "so already"),
    (thrown: unknown) => world.trace.note("operator", `${word.type} failed`, (thrown as { code?: string }).code),
  );
}

const never = new AbortController().signal;
const nobody = () => undefined;

/** What may be said to the agent of one host. */
const hostWords = {
  rollback: ({ rollback }: Operations) => rollback("web", undefined, nobody),
  pin: ({ pin }: Operations) => pin("web", undefined, nobody),
  unpin: ({ unpin }: Operations) => unpin("web"),
  pause: ({ pause }: Operations) => pause("web"),
  resume: ({ resume }: Operations) => resume("web"),
  retry: ({ retry }: Operations) => retry("web", nobody),
  update: ({ update }: Operations) => update("web", nobody),
  reload: ({ reload }: Operations) => reload(),
};

/** Somebody says something to the agent of one host. */
export function hostWord(world: World, host: Host, dice: Dice): void {
  tell(world, host, dice.pick(Object.keys(hostWords) as (keyof typeof hostWords)[]));
}

/** Never waited for; what it throws is the operator's to read. */
export function tell(world: World, host: Host, word: keyof typeof hostWords): void {
  const { agent } = host;
  if (agent === undefined) return;
  world.trace.note(host.id, "operator", word);
  Promise.resolve(hostWords[word](agent.operations)).catch((thrown: unknown) => {
    world.trace.note(host.id, `${word} failed`, (thrown as { code?: string }).code);
  });
}

/** Somebody edits the configuration of a host, and has it read again, at once or by the next agent. */
export function edit(world: World, host: Host, dice: Dice): void {
  const { hosts } = world.plan;
  host.edits = {
    checkInterval: dice.scaled(20_000, 300_000),
    bake: dice.pick([0, 5_000, 60_000]),
    rollout: {
      limit: { count: dice.whole(1, Math.max(1, hosts)) },
      canary: dice.whole(0, 2),
      failureBudget: dice.whole(0, 2),
      onHalt: dice.pick(["hold", "revert"]),
    },
    takenOut: dice.chance(0.15),
  };
  if (dice.chance(0.8)) tell(world, host, "reload");
}

/** The service is declared on every host, as somebody last wrote it. */
export function putBack(world: World, host: Host): void {
  host.edits = { ...host.edits, takenOut: false };
  tell(world, host, "reload");
}
