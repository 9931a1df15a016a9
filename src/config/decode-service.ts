import type { Values } from "../domain/options.ts";
import type {
  ArtifactDeclaration,
  DriverBlock,
  HealthDeclaration,
  HookDeclaration,
  HookStage,
  RepositoryDeclaration,
  ServiceDeclaration,
} from "../domain/service.ts";
import type { DecodeContext } from "./decode-context.ts";
import { decodeFollow, type FollowContext, type Follower } from "./decode-follow.ts";
import { type Block, type DecodeRules, decodeOptions, whereIs } from "./decode-options.ts";
import { type Coordination, decodeCoordination, type Fleet } from "./decode-rollout.ts";
import type { DecodedService } from "./decoded-service.ts";
import { placeFor } from "./destinations.ts";
import { type ChosenBlock, chosenBlocks } from "./driver-blocks.ts";
import type { DriverSchema, Families } from "./families.ts";
import type { Span } from "./hcl/source.ts";
import type { Item, Key, ObjectValue } from "./hcl/syntax-tree.ts";
import { artifactOptions, followOptions, healthOptions, serviceBlocks, serviceOptions } from "./schemas.ts";

export interface ServiceContext extends FollowContext {
  readonly families: Families;
  readonly fleet: Fleet;
  /** The repository of this name; `undefined` after its own errors were reported. */
  readonly repository: (word: Key, context: DecodeContext) => RepositoryDeclaration | undefined;
}

/** Decodes one `service "name" { … }`; `undefined` when something in it was wrong, after reporting all of it. */
export function decodeService(context: ServiceContext, name: Key, object: ObjectValue): DecodedService | undefined {
  const block: Block = { title: `service "${name.name}"`, items: object.items, span: name.span };
  const own = decodeOptions(context, block, serviceOptions, { blocks: serviceBlocks });
  const values = own.values as Values<typeof serviceOptions>;
  const artifact = decodeArtifact(context, block, name.name);
  const hooks = decodeHooks(context, block, artifact && { artifactKeys: artifact.keys });
  const commands = oldCommands(context, block, values);
  const health = decodeHealth(context, block);
  const releases = values.releases === undefined ? undefined : placeOfReleases(context, own.spans, values.releases);
  const together = decodeCoordination(context, context.fleet, block, own);
  const good = own.sound && hooks && health && commands && together.sound;
  if (!good || !artifact?.repository || releases === null) return undefined;
  if (!canMeet(context, block, together, artifact.repository)) return undefined;
  const service: ServiceDeclaration = {
    name: name.name,
    where: whereIs(context.source, name.span),
    artifact: artifact.declaration,
    repository: artifact.repository,
    hooks: [...commands.before, ...hooks, ...commands.after],
    health,
    checkInterval: values.checkInterval,
    bake: own.spans.has("bake") ? values.bake : (together.bake ?? values.bake),
    updateDeadline: values.updateDeadline,
    keepReleases: values.keepReleases,
    ...(releases === undefined ? {} : { releases }),
    layout: values.layout,
    sequentialUpdates: values.sequentialUpdates,
    ...given("rollout", together.rollout),
    ...given("lock", together.rollout && context.fleet.lock?.declaration),
    ...(values.hash === undefined || values.hash === "" ? {} : { knownHash: values.hash }),
  };
  return { service, context, nameSpan: name.span, destinationSpan: artifact.destinationSpan };
}

/** Hosts meet where the lock says, or beside the artifact, where its repository can hold a record. */
function canMeet(
  { source, reporter, families, fleet }: ServiceContext,
  block: Block,
  { rollout, span }: Coordination,
  { driver }: RepositoryDeclaration,
): boolean {
  if (rollout === undefined || fleet.lock !== undefined) return true;
  if (families.repositories.find(driver)?.store !== undefined) return true;
  const locks = families.stores.all.map(({ name }) => `lock "${name}" { … }`).join(" or ");
  reporter.error(source, span ?? block.span, {
    message: `${block.title} is to go with the others of its fleet, but hosts cannot meet in its repository "${driver}"`,
    remedy: `Add ${locks} to the main file, or let each host update on its own: ${wayOut(fleet)}.`,
  });
  return false;
}

function wayOut({ rollout }: Fleet): string {
  return rollout === undefined ? "take sequentialUpdates or rollout out" : "sequentialUpdates = false in the service";
}

function placeOfReleases(context: DecodeContext, spans: ReadonlyMap<string, Span>, path: string): string | null {
  return placeFor(context, spans.get("releases") ?? { start: 0, end: 0 }, "releases", path) ?? null;
}

/** The items of a block under one of these names, whatever the case of their letters. */
function itemsNamed(block: Block, name: string): readonly Item[] {
  return block.items.filter(({ keys: [key] }) => key.name.toLowerCase() === name);
}

interface DecodedArtifact {
  readonly declaration: ArtifactDeclaration;
  readonly repository: RepositoryDeclaration | undefined;
  readonly keys: readonly string[];
  readonly destinationSpan: Span;
}

function decodeArtifact(context: ServiceContext, block: Block, name: string): DecodedArtifact | undefined {
  const { source, reporter, families } = context;
  const items = itemsNamed(block, "artifact");
  const chosen = items.flatMap((item) => chosenBlocks(item, source, reporter));
  const [first, second] = chosen;
  if (first === undefined) {
    if (items.length > 0 || context.partial) return undefined;
    const words = families.repositories.all.map(({ name }) => name).join(", ");
    const expected = `artifact "<repository>" { … }, the repository one of ${words}`;
    reporter.error(source, block.span, { message: `${block.title} has no artifact to follow`, expected });
    return undefined;
  }
  if (second !== undefined) {
    const message = `${block.title} has two artifacts`;
    reporter.error(source, second.word.span, { message, expected: "one; a second one is a service of its own" });
    return undefined;
  }
  return decodeChosenArtifact(context, first, { service: block, name });
}

function decodeChosenArtifact(
  context: ServiceContext,
  { word, object }: ChosenBlock,
  of: Pick<Follower, "service" | "name">,
): DecodedArtifact | undefined {
  const { source, reporter, families } = context;
  const definition = families.repositories.find(word.name);
  if (definition === undefined) {
    reporter.error(source, word.span, { message: families.repositories.unknown(word.name) });
    return undefined;
  }
  const block: Block = { title: `artifact "${word.name}"`, items: object.items, span: word.span };
  const followed = definition.below === undefined ? {} : followOptions;
  const decoded = decodeOptions(context, block, { ...definition.artifact, ...followed, ...artifactOptions });
  const repository = context.repository(word, context);
  const common = decoded.values as Values<typeof artifactOptions>;
  const destinationSpan = decoded.spans.get("destination") ?? word.span;
  const destination = decoded.sound ? placeFor(context, destinationSpan, "destination", common.destination) : undefined;
  const follows = decodeFollow(context, { ...of, artifact: block, driver: word.name, decoded });
  if (destination === undefined || follows === null) return undefined;
  const declaration: ArtifactDeclaration = {
    block: driverBlock(context, word, decoded.values, definition.artifact),
    destination,
    ...given("follows", follows),
    ...given("contentType", common["content-type"]),
    ...given("owner", common.owner),
    ...given("group", common.group),
    ...given("mode", common.mode),
    limits: {
      unpackedSize: common.maxUnpackedSize,
      entries: common.maxEntries,
      depth: common.maxDepth,
      ratio: common.maxRatio,
    },
  };
  const own = { ...definition.artifact, ...followed };
  const keys = [...Object.keys(own), "destination", "content-type", "type"];
  return { declaration, repository, keys, destinationSpan };
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Value };
}

/** The driver's own settings, without those that every block of its kind has. */
function driverBlock(
  context: DecodeContext,
  word: Key,
  values: Readonly<Record<string, unknown>>,
  schema: Readonly<Record<string, unknown>>,
): DriverBlock {
  const options = Object.fromEntries(Object.keys(schema).map((name) => [name, values[name]]));
  return { driver: word.name, options, where: whereIs(context.source, word.span) };
}

const stages = ["before", "after", "success", "failure"] as const satisfies readonly HookStage[];

function decodeHooks(
  context: ServiceContext,
  block: Block,
  rules: DecodeRules | undefined,
): readonly HookDeclaration[] | undefined {
  const { source, reporter, families } = context;
  const hooks: HookDeclaration[] = [];
  let sound = true;
  for (const stage of stages) {
    for (const item of itemsNamed(block, stage)) {
      const chosen = chosenBlocks(item, source, reporter);
      sound &&= chosen.length > 0;
      for (const { word, object } of chosen) {
        const definition = findDriver(context, families.hooks, word);
        const own: Block = { title: `${stage} "${word.name}"`, items: object.items, span: word.span };
        const decoded = definition && decodeOptions(context, own, definition.options, rules);
        sound &&= decoded?.sound === true;
        if (definition && decoded)
          hooks.push({ ...driverBlock(context, word, decoded.values, definition.options), stage });
      }
    }
  }
  return sound ? hooks : undefined;
}

function findDriver(context: DecodeContext, family: Families["hooks"], word: Key): DriverSchema | undefined {
  const definition = family.find(word.name);
  if (definition === undefined)
    context.reporter.error(context.source, word.span, { message: family.unknown(word.name) });
  return definition;
}

/** The original's `preCommand` ran before its before hooks, its `postCommand` after everything else. */
function oldCommands(
  context: ServiceContext,
  block: Block,
  values: Values<typeof serviceOptions>,
): { readonly before: readonly HookDeclaration[]; readonly after: readonly HookDeclaration[] } | undefined {
  const hook = (stage: "before" | "after", name: "preCommand" | "postCommand") => {
    const item = itemsNamed(block, name.toLowerCase())[0];
    if (values[name] === undefined || item === undefined) return [];
    const script = context.families.hooks.find("script");
    if (script === undefined) return [];
    const [key] = item.keys;
    const command: Item = { keys: [{ name: "command", span: key.span }], value: item.value };
    const own: Block = { title: name, items: [command], span: key.span };
    const decoded = decodeOptions(context, own, script.options);
    const word = { name: "script", span: key.span };
    return [{ ...driverBlock(context, word, decoded.values, script.options), stage }];
  };
  return { before: hook("before", "preCommand"), after: hook("after", "postCommand") };
}

function decodeHealth(context: ServiceContext, block: Block): readonly HealthDeclaration[] | undefined {
  const { source, reporter, families } = context;
  const health: HealthDeclaration[] = [];
  let sound = true;
  for (const item of itemsNamed(block, "health")) {
    const chosen = chosenBlocks(item, source, reporter);
    sound &&= chosen.length > 0;
    for (const { word, object } of chosen) {
      const definition = findDriver(context, families.probes, word);
      const own: Block = { title: `health "${word.name}"`, items: object.items, span: word.span };
      const decoded = definition && decodeOptions(context, own, { ...definition.options, ...healthOptions });
      sound &&= decoded?.sound === true;
      if (!definition || !decoded) continue;
      const { interval, timeout, deadline, passes, failures } = decoded.values as Values<typeof healthOptions>;
      const driver = driverBlock(context, word, decoded.values, definition.options);
      health.push({ ...driver, interval, timeout, deadline, passes, failures });
    }
  }
  return sound ? health : undefined;
}
