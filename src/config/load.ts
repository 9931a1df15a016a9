import { basename, dirname, join, resolve } from "node:path";
import { type Configuration, isServiceName } from "../domain/service.ts";
import type { DecodeContext } from "./decode-context.ts";
import { decodeMain } from "./decode-main.ts";
import { contentOf } from "./decode-options.ts";
import { decodeService, type ServiceContext } from "./decode-service.ts";
import type { DecodedService } from "./decoded-service.ts";
import { checkPlaces } from "./destinations.ts";
import { type Diagnostic, type Reporter, reporter } from "./diagnostic.ts";
import { families as allFamilies, type Families, secretNames } from "./families.ts";
import { parse } from "./hcl/parser.ts";
import { placeOf } from "./hcl/source.ts";
import type { Body, Key, Value } from "./hcl/syntax-tree.ts";
import { folderProblem, permissionProblem } from "./permissions.ts";
import type { ConfigPorts } from "./ports.ts";
import { readSource } from "./read-source.ts";
import { remarkOnFleet } from "./remark-on-fleet.ts";
import { serviceBlocks } from "./schemas.ts";

/** What came of loading: a configuration only when there was no error. */
export interface Loaded {
  readonly configuration?: Configuration;
  /** Known even when there are errors elsewhere, so that a running agent can be found. */
  readonly statePath?: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Every secret value that was read; a logger conceals them. */
  readonly secrets: ReadonlySet<string>;
}

/** A file that was read, as far as it could be. */
interface ParsedFile {
  readonly context: DecodeContext;
  readonly body: Body;
}

/**
 * Reads the main file and every service file, and judges all of it in one go. Nothing but the ports is touched; nothing is
 * kept between two calls.
 */
export function loadConfiguration(file: string, ports: ConfigPorts, families: Families = allFamilies): Loaded {
  const run: Run = { ports, families, notes: reporter(secretNames(families)), secrets: new Set() };
  const { notes, secrets } = run;
  const configuration = load(resolve(ports.workingDirectory, file), run);
  const diagnostics = notes.all();
  if (configuration === undefined) return { diagnostics, secrets };
  const { statePath } = configuration;
  return notes.failed() ? { statePath, diagnostics, secrets } : { configuration, statePath, diagnostics, secrets };
}

/** What one loading carries along. */
interface Run {
  readonly ports: ConfigPorts;
  readonly families: Families;
  readonly notes: Reporter;
  readonly secrets: Set<string>;
}

function load(path: string, run: Run): Configuration | undefined {
  const { notes, families } = run;
  const main = parseFile(path, run);
  if (main === undefined) return undefined;
  const folder = dirname(path);
  const decoded = decodeMain(main.context, families, main.body);
  const servicePath = resolve(folder, decoded.servicePath ?? "services");
  const statePath = resolve(folder, decoded.statePath);
  const names = serviceFiles(servicePath, decoded.servicePath !== undefined, main.context);
  const parsed = names.map((name) => parseFile(join(servicePath, name), run));
  const files = [main, ...parsed.filter((one) => one !== undefined)];
  const services = files.flatMap((one) => servicesOf(one, one === main, { families, ...decoded }));
  refuseDuplicates(services);
  const sound = services.flatMap(({ decoded: service }) => (service === undefined ? [] : [service]));
  checkPlaces(sound, statePath);
  remarkOnFleet(main.context, decoded, sound);
  if (services.length === 0 && !notes.failed()) {
    const message = `no service is declared: neither here nor in ${servicePath}`;
    notes.warn(
      main.context.source,
      { start: 0, end: 0 },
      { message, remedy: `Add one: ${join(servicePath, "web.hcl")}` },
    );
  }
  const host = decoded.host === undefined ? {} : { host: decoded.host };
  return { file: path, servicePath, statePath, ...host, services: sound.map(({ service }) => service) };
}

function parseFile(path: string, { ports, notes, secrets }: Run): ParsedFile | undefined {
  const problem = permissionProblem(path, ports);
  if (problem) {
    notes.refuse(path, problem);
    return undefined;
  }
  const source = readSource(path, ports, notes);
  if (source === undefined) return undefined;
  let partial = false;
  const body = parse(source, ({ start, end, message, expected }) => {
    partial = true;
    notes.error(source, { start, end }, { message, expected, syntax: true });
  });
  return { context: { source, reporter: notes, ports, partial, secrets }, body };
}

/** The *.hcl files of the folder in the order of their names; hidden ones are left alone, as a shell would. */
function serviceFiles(
  folder: string,
  wasNamed: boolean,
  { source, reporter, ports }: DecodeContext,
): readonly string[] {
  const problem = folderProblem(folder, ports);
  if (problem) reporter.refuse(folder, problem);
  const names = ports.list(folder);
  if (names === undefined && wasNamed) {
    const message = `the service_path ${folder} is not a folder that can be read`;
    const at = Math.max(0, source.text.search(/service_path/i));
    reporter.error(
      source,
      { start: at, end: at + "service_path".length },
      { message, remedy: `Create it: mkdir -p ${folder}` },
    );
  }
  return (names ?? []).filter((name) => name.endsWith(".hcl") && !name.startsWith(".")).toSorted();
}

interface NamedService {
  readonly name: string;
  readonly context: DecodeContext;
  readonly span: { readonly start: number; readonly end: number };
  readonly decoded: DecodedService | undefined;
}

function servicesOf(
  file: ParsedFile,
  isMain: boolean,
  shared: Pick<ServiceContext, "families" | "repository" | "fleet" | "trust">,
): readonly NamedService[] {
  const { context, body } = file;
  const { source, reporter } = context;
  return body.items.flatMap((item): readonly NamedService[] => {
    const [kind, name, surplus] = item.keys;
    if (kind.name.toLowerCase() !== "service") {
      if (!isMain) refuseStranger(context, kind, item.value);
      return [];
    }
    if (name === undefined || surplus !== undefined || item.value.kind !== "object") {
      reporter.error(source, kind.span, {
        message: "a service has one name and a block",
        expected: 'service "name" { … }',
      });
      return [];
    }
    if (!isServiceName(name.name)) {
      const expected = 'at most 64 characters without "/", a letter or digit first';
      reporter.error(source, name.span, { message: `"${name.name}" cannot name a service`, expected });
    }
    const decoded = decodeService({ ...context, ...shared }, name, item.value);
    return [{ name: name.name, context, span: name.span, decoded }];
  });
}

function refuseStranger({ source, reporter }: DecodeContext, key: Key, value: Value): void {
  const { name, span } = key;
  const isOfService = (serviceBlocks as readonly string[]).includes(name);
  const message = `a service file holds services only, not "${name}"`;
  const remedy = isOfService ? `Put it inside a service "…" { … }.` : "Put it into the main file.";
  reporter.error(source, span, { message, remedy, hideFrom: contentOf(key, value) });
}

function refuseDuplicates(services: readonly NamedService[]): void {
  const first = new Map<string, NamedService>();
  for (const service of services) {
    const other = first.get(service.name);
    if (other === undefined) {
      first.set(service.name, service);
      continue;
    }
    const { source, reporter } = service.context;
    reporter.error(source, service.span, {
      message: `there are two services "${service.name}"`,
      also: { message: "the first is here", place: placeOf(other.context.source, other.span.start) },
      remedy: `Give one of them another name, or remove it from ${basename(source.file)}.`,
    });
  }
}
