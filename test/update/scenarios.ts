import { failure } from "../../src/domain/failures/failure.ts";
import type { Hook } from "../../src/drivers/hooks/hook.ts";
import type { UpdateOrder } from "../../src/update/perform-update.ts";
import type { UpdateOutcome } from "../../src/update/record.ts";
import { digestOf, markerOf, releaseOf, type World, world } from "./world.ts";

/** A story of one update: the world before it, what goes wrong, and how it must end. */
export interface Scenario {
  readonly name: string;
  readonly make: () => World;
  readonly outcome: UpdateOutcome;
  readonly order?: (world: World) => UpdateOrder;
}

const refused = (code: "hook-refused") => ({
  outcome: "failed",
  failure: failure(code, { hook: "it", reason: "exit 1." }).note,
  duration: 1,
});
const sayingNotNow: Hook = {
  label: "asks for patience",
  decides: true,
  run: async () => ({ outcome: "not-now", duration: 1 }),
};

function make(before: "release" | "foreign" | "nothing", change: (world: World) => void): () => World {
  return () => {
    const made = world(before);
    change(made);
    return made;
  };
}

/** Overrules the calls of these names, in these states if any are given. */
function calls(world: World, name: string, what: unknown, states?: readonly string[]): void {
  const before = world.onCall;
  world.onCall = (called, state) =>
    called === name && (states === undefined || states.includes(state)) ? what : before(called, state);
}

const bad = (made: World) => made.bad.add(digestOf("b"));
const activate = (letter: string, leaves: boolean) => (): UpdateOrder => ({
  intent: "activate",
  target: releaseOf(letter),
  leaves,
});
const withC = (made: World) => made.disk.releases.set(releaseOf("c").id, releaseOf("c", 0));

/** Together they take every arrow of the table, but those of an agent that stops or crashes. */
export const scenarios: readonly Scenario[] = [
  { name: "a good release replaces another", make: make("release", () => {}), outcome: "updated" },
  { name: "a good release comes first", make: make("nothing", () => {}), outcome: "updated" },
  { name: "a good release replaces a folder", make: make("foreign", () => {}), outcome: "updated" },
  { name: "a bad release replaces another", make: make("release", bad), outcome: "rolled-back" },
  { name: "a bad release comes first", make: make("nothing", bad), outcome: "withdrawn" },
  { name: "a bad release replaces a folder", make: make("foreign", bad), outcome: "rolled-back" },
  {
    name: "the operator goes back",
    make: make("release", withC),
    order: activate("c", true),
    outcome: "updated",
  },
  {
    name: "the operator goes back to a bad release",
    make: make("release", (made) => {
      withC(made);
      made.bad.add(digestOf("c"));
    }),
    order: activate("c", true),
    outcome: "rolled-back",
  },
  {
    name: "the operator asks for a release that is gone",
    make: make("release", () => {}),
    order: activate("c", false),
    outcome: "aborted",
  },
  {
    name: "the same content comes again",
    make: make("release", (made) => {
      made.object = { marker: markerOf("b"), digest: digestOf("a") };
    }),
    outcome: "unchanged",
  },
  {
    name: "a denied content comes again under another name",
    make: make("release", (made) => {
      const reason = failure("service-unhealthy", { service: "web", reason: "no." }).note;
      made.journal.state = { ...made.journal.state, denied: [{ digest: digestOf("b"), reason, at: 1 }] };
    }),
    outcome: "aborted",
  },
  {
    name: "the download fails",
    make: make("release", (made) =>
      calls(made, "download", failure("download-too-slow", { artifact: "web", pace: "1 B/s" })),
    ),
    outcome: "aborted",
  },
  {
    name: "the object changes while it is fetched",
    make: make("release", (made) => calls(made, "download", failure("artifact-changed", { artifact: "web" }))),
    outcome: "superseded",
  },
  {
    name: "the disk of the destination fails while the content is judged",
    make: make("release", (made) => calls(made, "standing", new Error("EIO"), ["verifying"])),
    outcome: "aborted",
  },
  {
    name: "the archive is hostile",
    make: make("release", (made) =>
      calls(made, "stage", failure("archive-corrupt", { format: "tar", reason: "a bad checksum" })),
    ),
    outcome: "aborted",
  },
  {
    name: "a newer upload comes before the switch",
    make: make("release", (made) => {
      const before = made.onCall;
      made.onCall = (name, state) => {
        if (name === "stage") made.object = { marker: markerOf("c"), digest: digestOf("c") };
        return before(name, state);
      };
    }),
    outcome: "superseded",
  },
  {
    name: "the store is gone at the last look",
    make: make("release", (made) => calls(made, "check", failure("artifact-missing", { artifact: "web" }))),
    outcome: "aborted",
  },
  {
    name: "the first before hook says not now",
    make: make("release", (made) => made.hooks.before.unshift(sayingNotNow)),
    outcome: "postponed",
  },
  {
    name: "a before hook refuses",
    make: make("release", (made) => calls(made, "hook before 0", refused("hook-refused"))),
    outcome: "aborted",
  },
  {
    name: "a before hook refuses the first release",
    make: make("nothing", (made) => calls(made, "hook before 0", refused("hook-refused"))),
    outcome: "aborted",
  },
  {
    name: "a before hook refuses and the service does not come back",
    make: make("release", (made) => {
      calls(made, "hook before 0", refused("hook-refused"));
      calls(made, "hook after 0", refused("hook-refused"));
    }),
    outcome: "broken",
  },
  {
    name: "a before hook refuses and the service is sick when it comes back",
    make: make("release", (made) => {
      calls(made, "hook before 0", refused("hook-refused"));
      made.bad.add(digestOf("a"));
    }),
    outcome: "broken",
  },
  {
    name: "the adoption fails",
    make: make("foreign", (made) => calls(made, "adopt", new Error("EIO"))),
    outcome: "aborted",
  },
  {
    name: "the switch fails",
    make: make("release", (made) => calls(made, "switchTo", new Error("EIO"), ["switching"])),
    outcome: "aborted",
  },
  {
    name: "the switch fails after its rename",
    make: make("release", (made) => {
      const before = made.onCall;
      made.onCall = (name, state) => {
        if (name !== "switchTo" || state !== "switching") return before(name, state);
        made.disk.destination = { kind: "release", id: releaseOf("b").id };
        return new Error("EIO");
      };
    }),
    outcome: "rolled-back",
  },
  {
    name: "an after hook fails",
    make: make("release", (made) => calls(made, "hook after 0", refused("hook-refused"), ["running-after-hooks"])),
    outcome: "rolled-back",
  },
  {
    name: "an after hook fails, and fails again after going back",
    make: make("release", (made) => calls(made, "hook after 0", refused("hook-refused"))),
    outcome: "broken",
  },
  {
    name: "the switch back fails",
    make: make("release", (made) => {
      bad(made);
      calls(made, "switchTo", new Error("EIO"), ["switching-back"]);
    }),
    outcome: "broken",
  },
  {
    name: "both releases are unhealthy",
    make: make("release", (made) => {
      bad(made);
      made.bad.add(digestOf("a"));
    }),
    outcome: "broken",
  },
  {
    name: "success hooks fail",
    make: make("release", (made) => calls(made, "hook success 0", refused("hook-refused"))),
    outcome: "updated",
  },
  {
    name: "the hooks of the way back fail where they only tell",
    make: make("release", (made) => {
      bad(made);
      calls(made, "hook before 0", refused("hook-refused"), ["running-rollback-before-hooks"]);
      calls(made, "hook failure 0", refused("hook-refused"));
    }),
    outcome: "rolled-back",
  },
  {
    name: "the second before hook says not now",
    make: make("release", (made) => made.hooks.before.push(sayingNotNow)),
    outcome: "postponed",
  },
  {
    name: "the second before hook says not now to the first release",
    make: make("nothing", (made) => made.hooks.before.push(sayingNotNow)),
    outcome: "postponed",
  },
];
