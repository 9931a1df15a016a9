import type { RolloutRecord } from "../../src/domain/rollout/record.ts";
import type { UpdateRecord } from "../../src/update/record.ts";
import type { ServiceState } from "../../src/update/service-state.ts";
import { workflow } from "../../src/update/states.ts";
import { answeredFor, type Books } from "./books.ts";
import { contentAt, foreign } from "./content.ts";
import { destination, type Host, standing } from "./host.ts";
import type { Plan } from "./plan.ts";
import type { Violates } from "./record-invariants.ts";
import type { HookRun } from "./service.ts";

/** What must hold on every machine: of its disk, its hooks, its service and its journal. */
export interface HostFacts {
  readonly host: Host;
  readonly books: Books;
  readonly plan: Plan;
  readonly published: (digest: string) => boolean;
  readonly violates: Violates;
}

const releases = "/srv/.dropship/web";

/** I12: nobody writes anywhere but in the service's own places. */
export function judgePath({ violates }: HostFacts, path: string): void {
  if (path === "" || ownPlaces.test(path)) return;
  violates("I12", `${path} was changed`);
}

const ownPlaces =
  /^\/(held:\d+(\/|$)|srv\/?$|srv\/web$|srv\/\.web\.dropship-(new|old)(\/|$)|srv\/\.dropship(\/|$)|var\/lib\/dropship\/)/;

/** I1: what stands at the destination is a whole release that was published, or what stood there at first. */
export function judgeDestination({ host, plan, published, violates }: HostFacts): void {
  const there = host.disk.find(destination);
  if (there === undefined) {
    const update = host.journal.updates.get("web");
    // Where nothing stood before, a power cut may take back a switch that was not on the disk yet.
    const mayBeAway = update?.state === "switching-back" || update?.state === "switching";
    if (mayBeAway && update.previous === undefined) host.stood = false;
    if (host.stood && plan.service.swaps) violates("I1", "nothing stands at the destination any more");
    return;
  }
  host.stood = true;
  const content = standing(host);
  if (content === undefined) violates("I1", "what stands at the destination is not whole");
  else if (content !== foreign && !published(content)) violates("I1", `nobody published ${content}`);
}

/** I8: until the new release is committed, the one before it is whole. */
export function judgePrevious({ host, violates }: HostFacts): void {
  const update = host.journal.updates.get("web");
  const { previous } = update ?? {};
  if (update === undefined || previous === undefined || !betweenSwitchAndEnd.has(update.state)) return;
  if (contentAt(host.disk, `${releases}/${previous.id}`) === undefined) {
    violates("I8", `the release before, ${previous.id}, is not whole in state "${update.state}"`);
  }
}

const betweenSwitchAndEnd: ReadonlySet<string> = new Set([
  "fencing",
  "switching",
  "running-after-hooks",
  "checking-health",
  "running-rollback-before-hooks",
  "switching-back",
]);

/** I5, S5: the switch follows a fence that was asked for a moment ago, and never goes to what this host refuses. */
export function judgeSwitch({ host, books, violates }: HostFacts, id: string): void {
  const update = host.journal.updates.get("web");
  if (update === undefined) violates("I5", `${host.id} switches outside of any update`);
  // I9: the before hooks ran.
  if (update?.state === "switching" && !books.stopped.has(update.id)) violates("I9", `${host.id} switches what runs`);
  if (update?.state !== "switching" || update.slot === undefined) return;
  const { digest } = update.target ?? {};
  const state = host.journal.states.get("web");
  if (update.intent === "update" && state?.denied.some((one) => one.digest === digest)) {
    violates("I5", `${host.id} switches to ${id}, which it refuses`);
  }
  // It stands there already; what was adopted has another digest than its content, and a copy of it is known by that.
  const adopted = id.startsWith("adopted-") ? contentAt(host.disk, `${releases}/${id}`) : undefined;
  const there = standing(host) === (adopted ?? digest) || host.disk.find(destination)?.text.endsWith(`/${id}`);
  if (there || books.excused.has(update.id)) return;
  const book = books.slots.get(host.name);
  const fencedAt = book?.attempt === update.id ? book.fencedAt : undefined;
  if (fencedAt === undefined) violates("I5", `${host.id} switches, and never passed the fence`);
  if ((state?.rollout?.floor ?? 0) < (book?.since ?? 0)) {
    violates("S5", `${host.id} switches, and remembers nothing of number ${book?.since}, which let it`);
  }
  const age = host.clock.monotonic() - (fencedAt ?? 0);
  if (age > freshFor) violates("I5", `${host.id} switches ${Math.round(age)} ms after its fence`);
}

const freshFor = 5_000;

/** S1, I4, I9: no service is taken down without a slot; what is started is what stands there. */
export function judgeHook({ host, books, published, violates }: HostFacts, run: HookRun): void {
  const update = host.journal.updates.get("web");
  if (update?.id !== run.attempt) violates("I9", "a hook runs for an update that is not open");
  if (run.stage === "before" && update?.state === "running-before-hooks") {
    if (books.down.get(host.id)?.attempt !== update.id) {
      const before = isSound(host) ? "sound" : books.down.has(host.id) ? "down" : "unsound";
      books.down.set(host.id, { host: host.name, attempt: update.id, before });
    }
    const holds = books.slots.get(host.name)?.attempt === update.id;
    if (update.slot !== undefined && !holds && !books.excused.has(update.id)) {
      violates("S1", `${host.id} takes its service down without a slot`);
    }
    judgeDown({ books, violates });
  }
  if (run.stage !== "after") return;
  const content = standing(host);
  if (published(run.digest) && content !== run.digest) {
    violates("I9", `${host.id} starts ${run.digest.slice(0, 8)}, and ${content?.slice(0, 8)} stands there`);
  }
}

/** S1: services that are really down or unproven at once, as far as the rollout answers for them. */
export function judgeDown({ books, violates }: Pick<HostFacts, "books" | "violates">): void {
  const down = answeredFor(books);
  const least = Math.min(...down.map(({ host }) => books.slots.get(host)?.limit ?? Number.POSITIVE_INFINITY));
  if (down.length > least) violates("S1", `${down.length} services are down under a limit of ${least}`);
}

/** I6: the highest number of the record that a machine ever saw is never forgotten. */
export function judgeMemory({ host, violates }: HostFacts, after: ServiceState, before: ServiceState): void {
  const [now, then] = [after.rollout?.floor ?? 0, before.rollout?.floor ?? 0];
  if (now < then) violates("S5", `${host.id} knew of number ${then}, and now of ${now}`);
}

/** S5: no machine makes anything of a record that is older than one that it remembers. */
export function judgeSwap({ host, violates }: HostFacts, record: RolloutRecord): void {
  const floor = host.journal.states.get("web")?.rollout?.floor ?? 0;
  if (record.seq <= floor) violates("S5", `${host.id} writes number ${record.seq}, and knows of ${floor}`);
}

/** I6: whose slot is still taken when its update is over, owes its fleet a word. */
export function judgeOwed({ host, books, violates }: HostFacts, { id, state, reported }: UpdateRecord): void {
  if (state !== "idle" || reported === true || books.slots.get(host.name)?.attempt !== id) return;
  const owed = host.journal.states.get("web")?.rollout?.owed ?? [];
  if (!owed.some(({ attempt }) => attempt === id)) violates("I6", `${host.id} ended, holds its slot, and owes no word`);
}

/** I14: an update that is over leaves the service up, with what the journal says; or it is broken, and says so. */
export function judgeSettled({ host, books, published, violates }: HostFacts, update: UpdateRecord): void {
  const { id, outcome, state, target, previous } = update;
  if (state === "idle" || workflow[state].part !== "closing" || outcome === undefined || outcome === "broken") return;
  const { attempt, before } = books.down.get(host.id) ?? {};
  if (attempt !== id) return;
  const content = standing(host);
  const untouched = outcome !== "updated" && outcome !== "rolled-back" && outcome !== "withdrawn";
  // What was not as it must be, and was left alone, is no better now: who answered for it still does.
  if (untouched && before !== "sound" && !isSound(host)) {
    if (before === "unsound") books.down.delete(host.id);
    return;
  }
  books.down.delete(host.id);
  if (outcome === "withdrawn") {
    if (content !== undefined) violates("I14", `${host.id} has something after "withdrawn"`);
    return;
  }
  if (!isSound(host)) {
    violates("I14", `${host.id} is ${outcome}: ${short(content)} stands there, and ${short(host.service.runs)} runs`);
  }
  // What was adopted has a digest of its own, which is none of its content.
  const contentOf = (digest: string | undefined) => (digest === undefined || published(digest) ? digest : foreign);
  const wanted = contentOf(outcome === "updated" ? target?.digest : previous?.digest);
  if (!untouched && content !== wanted) {
    violates("I14", `${host.id} is ${outcome}, and has ${short(content)} instead of ${short(wanted)}`);
  }
}

/** What runs is what stands there; where nothing ever stood, nothing runs. */
function isSound(host: Host): boolean {
  const content = standing(host);
  return host.service.runs === content && (content !== undefined || !host.stood);
}

function short(digest: string | undefined): string {
  return digest?.slice(0, 8) ?? "nothing";
}
