import { formatDuration, type Milliseconds } from "../domain/duration.ts";
import type { Values } from "../domain/options.ts";
import { failedKept, largestLimit } from "../domain/rollout/record.ts";
import type { RolloutDeclaration, WindowDeclaration } from "../domain/service.ts";
import type { DecodeContext } from "./decode-context.ts";
import type { Lock } from "./decode-lock.ts";
import { type Block, type DecodedOptions, decodeOptions, whereIs } from "./decode-options.ts";
import { decodeWindows } from "./decode-window.ts";
import { placeOf, type Source, type Span } from "./hcl/source.ts";
import type { Item } from "./hcl/syntax-tree.ts";
import { rolloutBlocks, rolloutOptions } from "./rollout-options.ts";

type RolloutValues = Values<typeof rolloutOptions>;

/** One sound rollout block: what was given in it, and nothing else, so that another can stand behind it. */
export interface RolloutBlock {
  readonly given: Partial<RolloutValues>;
  /** Undefined: it has none of its own. */
  readonly windows: readonly WindowDeclaration[] | undefined;
  readonly source: Source;
  readonly span: Span;
  readonly spans: ReadonlyMap<string, Span>;
}

/** What the main file says for all services. */
export interface Fleet {
  readonly rollout?: RolloutBlock;
  readonly lock: Lock | undefined;
}

/** How a service goes with the others; `sound` is false after something was refused. */
export interface Coordination {
  readonly sound: boolean;
  readonly rollout?: RolloutDeclaration;
  /** What in the service says so; undefined: the main file does. */
  readonly span?: Span | undefined;
  /** What the rollout blocks say of the bake. */
  readonly bake?: Milliseconds;
}

/** The rollout block among the items, if there is one; null after something in it was refused. */
export function decodeRolloutBlock(context: DecodeContext, items: readonly Item[]): RolloutBlock | undefined | null {
  const { source, reporter } = context;
  const [first, second] = items.filter(({ keys: [key] }) => key.name.toLowerCase() === "rollout");
  if (first === undefined) return undefined;
  const [key, label] = first.keys;
  if (second !== undefined) {
    const also = { message: "the first is here", place: placeOf(source, key.span.start) };
    reporter.error(source, second.keys[0].span, { message: "there are two rollout blocks", also });
    return null;
  }
  if (label !== undefined || first.value.kind !== "object") {
    const message = label === undefined ? "rollout is a block, not a setting" : "a rollout has no name";
    reporter.error(source, label?.span ?? first.value.span, { message, expected: "rollout { … }" });
    return null;
  }
  const block: Block = { title: "rollout", items: first.value.items, span: key.span };
  const decoded = decodeOptions(context, block, rolloutOptions, { blocks: rolloutBlocks });
  const windowItems = block.items.filter((item) => item.keys[0].name.toLowerCase() === "window");
  const windows = decodeWindows(context, windowItems);
  const fits = decoded.sound && checkLimit(context, decoded) && checkGroup(context, decoded);
  if (!fits || windows === undefined) return null;
  warnOfOddities(context, decoded);
  const given = Object.fromEntries([...decoded.spans.keys()].map((name) => [name, decoded.values[name]]));
  return {
    given,
    windows: windowItems.length === 0 ? undefined : windows,
    source,
    span: key.span,
    spans: decoded.spans,
  };
}

function checkLimit({ source, reporter }: DecodeContext, { values, spans }: DecodedOptions): boolean {
  const { limit } = values as RolloutValues;
  const span = spans.get("limit");
  if (span === undefined || !("count" in limit) || limit.count <= largestLimit) return true;
  reporter.error(source, span, {
    message: `the limit ${limit.count} is more than the ${largestLimit} hosts at a time that one rollout can hold`,
    remedy: `Split the fleet: rollout { group = "…" } gives each group of hosts a rollout, and a limit, of its own.`,
  });
  return false;
}

/** Hosts give a sign of life each 30 s while they hold a slot. */
const shortestPatience: Milliseconds = 90_000;

/** What is meant so now and then, and is a mistake more often. */
function warnOfOddities({ source, reporter }: DecodeContext, { values, spans }: DecodedOptions): void {
  const { lostAfter, failureBudget } = values as RolloutValues;
  const patience = spans.get("lostAfter");
  if (patience !== undefined && lostAfter < shortestPatience) {
    const message = `lostAfter = "${formatDuration(lostAfter)}" is short: a host at work gives a sign of life each 30 s only`;
    reporter.warn(source, patience, { message, expected: '"1m30s" or more' });
  }
  const budget = spans.get("failureBudget");
  if (budget !== undefined && failureBudget >= failedKept) {
    const message = `failureBudget = ${failureBudget} lets no failure halt the rollout: the record keeps the last ${failedKept}`;
    reporter.warn(source, budget, { message, expected: `less than ${failedKept}` });
  }
}

/** A group becomes a part of keys and paths. */
function checkGroup({ source, reporter }: DecodeContext, { values, spans }: DecodedOptions): boolean {
  const { group } = values as RolloutValues;
  const span = spans.get("group");
  if (span === undefined || (/^[\p{L}\p{Nd}][^/\p{C}]*$/u.test(group) && encodeURIComponent(group).length <= 128))
    return true;
  reporter.error(source, span, {
    message: `"${group}" cannot name a group`,
    expected: 'at most 128 characters (as in a web address) without "/", a letter or digit first',
  });
  return false;
}

/** What the service's own block, `sequentialUpdates` and the main file come to. */
export function decodeCoordination(
  context: DecodeContext,
  fleet: Fleet,
  block: Block,
  own: DecodedOptions,
): Coordination {
  const mine = decodeRolloutBlock(context, block.items);
  if (mine === null) return { sound: false };
  const sequential = sequentialOf(own);
  if (mine !== undefined && !agree(context, mine, own, sequential)) return { sound: false };
  const behind = sequential === false ? undefined : fleet.rollout;
  if (mine === undefined && behind === undefined && sequential !== true) return { sound: true };
  const given = { ...behind?.given, ...(sequential === true && { limit: { count: 1 } }), ...mine?.given };
  const windows = mine?.windows ?? behind?.windows ?? [];
  const where = whereOf(context, mine, behind, own.spans.get("sequentialUpdates"), block);
  const rollout = declared(given, windows, where);
  const span = mine?.span ?? (sequential === true ? own.spans.get("sequentialUpdates") : undefined);
  return { sound: true, rollout, span, ...(given.bake !== undefined && { bake: given.bake }) };
}

function sequentialOf({ values, spans }: DecodedOptions): boolean | undefined {
  return spans.has("sequentialUpdates") ? values["sequentialUpdates"] === true : undefined;
}

function whereOf(
  { source }: DecodeContext,
  mine: RolloutBlock | undefined,
  behind: RolloutBlock | undefined,
  sequential: Span | undefined,
  { span }: Block,
): string {
  if (mine !== undefined) return whereIs(mine.source, mine.span);
  if (sequential !== undefined) return whereIs(source, sequential);
  return behind === undefined ? whereIs(source, span) : whereIs(behind.source, behind.span);
}

function declared(
  given: Partial<RolloutValues>,
  windows: readonly WindowDeclaration[],
  where: string,
): RolloutDeclaration {
  const defaults = Object.fromEntries(Object.entries(rolloutOptions).map(([name, option]) => [name, option.default]));
  const { limit, canary, failureBudget, abortBudget, onHalt, group, lostAfter } = {
    ...defaults,
    ...given,
  } as RolloutValues;
  return { where, limit, canary, failureBudget, abortBudget, onHalt, group, windows, lostAfter };
}

/** A service's rollout block against what else the service says. */
function agree(
  { source, reporter }: DecodeContext,
  mine: RolloutBlock,
  own: DecodedOptions,
  sequential: boolean | undefined,
): boolean {
  const at = (name: string, span: Span | undefined) => ({
    message: `${name} stands here`,
    place: placeOf(source, (span ?? mine.span).start),
  });
  const sequentialHere = at("sequentialUpdates", own.spans.get("sequentialUpdates"));
  let good = true;
  const refuse = (span: Span, message: string, remedy: string, also: ReturnType<typeof at>) => {
    good = false;
    reporter.error(source, span, { message, remedy, also });
  };
  const { limit } = mine.given;
  if (sequential === true && limit !== undefined && !("count" in limit && limit.count === 1)) {
    const remedy = "Remove sequentialUpdates; the rollout block says it all.";
    const message = "sequentialUpdates = true means a limit of 1, and the rollout says another";
    refuse(mine.spans.get("limit") ?? mine.span, message, remedy, sequentialHere);
  }
  if (sequential === false) {
    const message = "the service has a rollout, and sequentialUpdates = false says that it goes without one";
    refuse(mine.span, message, "Remove one of the two.", sequentialHere);
  }
  const bake = mine.spans.get("bake");
  if (bake !== undefined && own.spans.has("bake")) {
    const message = "bake is set twice: in the service and in its rollout";
    refuse(bake, message, "Keep one of them; they are the same setting.", at("the other", own.spans.get("bake")));
  }
  return good;
}
