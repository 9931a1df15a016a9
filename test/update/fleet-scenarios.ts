import type { RolloutEvent } from "../../src/domain/rollout/events.ts";
import type { RolloutPlan } from "../../src/domain/rollout/record.ts";
import type { UpdateOrder } from "../../src/update/perform-update.ts";
import type { Scenario } from "./scenarios.ts";
import { digestOf, markerOf, releaseOf, type World, world } from "./world.ts";
import { type Fleet, fleetOf, happens } from "./world-fleet.ts";

/** How the record must stand when all is reported. */
export interface FleetScenario extends Scenario {
  readonly proof: (fleet: Fleet) => boolean;
}

type Change = (world: World, fleet: Fleet) => void;

function make(change: Change = () => {}, plan: Partial<RolloutPlan> = {}): () => World {
  return () => {
    const made = world("release");
    made.fleet = fleetOf(plan);
    change(made, made.fleet);
    return made;
  };
}

const other = "another";
const release = (letter: string) => ({ digest: digestOf(letter), artifact: "simulated://web" });
const begins = (fleet: Fleet, letter: string) =>
  happens(fleet, { type: "start", release: release(letter), plan: fleet.plan, hosts: 2 });
const takes = (letter: string): RolloutEvent => ({
  type: "acquire",
  host: other,
  attempt: "theirs",
  digest: digestOf(letter),
  purpose: "update",
  lostAfter: 1,
  ownEnded: () => false,
});
const ends = (letter: string): RolloutEvent => ({
  type: "finish",
  host: other,
  attempt: "theirs",
  digest: digestOf(letter),
  outcome: "ok",
  reason: "",
  retract: false,
});

/** Another host is in the middle of its update. */
const busy: Change = (_, fleet) => {
  begins(fleet, "b");
  happens(fleet, takes("b"));
};

/** Something happens as the agent makes this call for the so-manieth time. */
function as(name: string, then: (world: World, fleet: Fleet) => void, time = 1): Change {
  return (made, fleet) => {
    const before = made.onCall;
    let calls = 0;
    made.onCall = (called, state) => {
      if (called === name) calls += 1;
      if (called === name && calls === time) then(made, fleet);
      return before(called, state);
    };
  };
}

const withC = (made: World) => made.disk.releases.set(releaseOf("c").id, releaseOf("c", 0));
const goBack = (): UpdateOrder => ({ intent: "activate", target: releaseOf("c"), slot: "revert" });

/** What runs ("a") was halted, and its hosts are to go back. */
const halted: Change = (made, fleet) => {
  withC(made);
  made.object = { marker: markerOf("a"), digest: digestOf("a") };
  begins(fleet, "a");
  happens(fleet, { type: "halt", reason: "it is bad" });
};

const isOk = (fleet: Fleet) => fleet.record?.ok.hosts.includes("host1") === true;
const untouched = ({ record }: Fleet) => record?.phase === "canary" && record.ok.count === 0;

/** Stories of a host that goes with others. */
export const fleetScenarios: readonly FleetScenario[] = [
  { name: "the first host of a fleet", make: make(), outcome: "updated", proof: isOk },
  {
    name: "a host that waits for its turn",
    make: make((made, fleet) => {
      busy(made, fleet);
      as("acquire", () => happens(fleet, ends("b")), 4)(made, fleet);
    }),
    outcome: "updated",
    proof: isOk,
  },
  {
    name: "a release that is on disk already",
    make: make((made) => made.disk.releases.set(releaseOf("b").id, releaseOf("b"))),
    outcome: "updated",
    proof: isOk,
  },
  {
    name: "a newer upload ends the wait",
    make: make((made, fleet) => {
      busy(made, fleet);
      as(
        "acquire",
        () => {
          made.object = { marker: markerOf("c"), digest: digestOf("c") };
        },
        4,
      )(made, fleet);
    }),
    outcome: "superseded",
    proof: untouched,
  },
  {
    name: "the wait fails",
    make: make((made) => {
      made.onCall = (name) => (name === "acquire" ? new Error("a defect") : undefined);
    }),
    outcome: "aborted",
    proof: untouched,
  },
  {
    name: "the rollout is halted between the slot and the fence",
    make: make(as("hook before 0", (_, fleet) => happens(fleet, { type: "halt", reason: "by hand" }))),
    outcome: "postponed",
    proof: ({ record }) => record?.phase === "halted" && record.failed.length === 0,
  },
  {
    name: "the host is forgotten between the slot and the fence",
    make: make(as("hook before 0", (_, fleet) => happens(fleet, { type: "forget", host: "host1" }))),
    outcome: "postponed",
    proof: untouched,
  },
  {
    name: "the store goes silent between the slot and the fence",
    make: make((made, fleet) => {
      as("hook before 0", () => {
        fleet.down = true;
      })(made, fleet);
      as("hook after 0", () => {
        fleet.down = false;
      })(made, fleet);
    }),
    outcome: "postponed",
    proof: untouched,
  },
  {
    name: "the store answers too slowly to switch on its word",
    make: make((_, fleet) => {
      fleet.fenceTakes = 6000;
    }),
    outcome: "postponed",
    proof: untouched,
  },
  {
    name: "a bad release",
    make: make((made) => made.bad.add(digestOf("b"))),
    outcome: "rolled-back",
    proof: ({ record }) =>
      record?.phase === "halted" && record.failed.length === 1 && record.denied[0]?.digest === digestOf("b"),
  },
  {
    name: "a host that gives up before the switch",
    make: make((made) => {
      made.onCall = (name) => (name === "adopt" || name === "switchTo" ? new Error("EIO") : undefined);
    }),
    outcome: "aborted",
    proof: ({ record }) => record?.aborted.join() === "host1" && record.phase === "canary",
  },
  {
    name: "a hook that says not now",
    make: make((made) =>
      made.hooks.before.unshift({
        label: "asks for patience",
        decides: true,
        run: async () => ({ outcome: "not-now", duration: 1 }),
      }),
    ),
    outcome: "postponed",
    proof: untouched,
  },
  {
    name: "a host that goes back with its rollout",
    make: make(halted, { onHalt: "revert" }),
    order: goBack,
    outcome: "updated",
    proof: ({ record }) => record?.reverted.hosts.join() === "host1" && record.phase === "halted",
  },
  {
    name: "a way back that is no longer wanted",
    make: make(
      (made, fleet) => {
        halted(made, fleet);
        happens(fleet, { ...takes("c"), purpose: "revert" } as RolloutEvent);
        as("acquire", () => happens(fleet, { type: "resume" }), 4)(made, fleet);
      },
      { onHalt: "revert" },
    ),
    order: goBack,
    outcome: "superseded",
    proof: ({ record }) => record?.phase === "canary",
  },
];
