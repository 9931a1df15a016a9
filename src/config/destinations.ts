import { isAbsolute, resolve } from "node:path";
import { releasesFolder } from "../domain/service.ts";
import type { DecodeContext } from "./decode-context.ts";
import type { DecodedService } from "./decoded-service.ts";
import { placeOf, type Span } from "./hcl/source.ts";

/** The absolute form of a path that a service owns; `undefined` after it was refused. */
export function placeFor(context: DecodeContext, span: Span, what: string, path: string): string | undefined {
  const { source, reporter, ports } = context;
  const refuse = (message: string, expected: string): undefined => {
    reporter.error(source, span, { message, expected });
    return undefined;
  };
  if (path.includes("\0")) return refuse(`the ${what} holds a NUL character`, "a path");
  if (path.split("/").includes("..")) return refuse(`the ${what} holds ".."`, "the path as it really is");
  const absolute = resolve(ports.workingDirectory, path);
  if (absolute === "/") return refuse(`the ${what} is the root of the file system`, "a folder or file of its own");
  if (!isAbsolute(path)) {
    reporter.warn(source, span, {
      message: `the ${what} is relative to where the agent was started: here it is ${absolute}`,
      expected: "an absolute path",
    });
  }
  return absolute;
}

/** What one service writes to. */
interface Claim extends DecodedService {
  readonly name: string;
  readonly destination: string;
  readonly releases: string;
}

/** Refuses services that would write over each other, or over the agent's own state. */
export function checkPlaces(services: readonly DecodedService[], statePath: string): void {
  const claims = services.map((decoded): Claim => {
    const { service } = decoded;
    return {
      ...decoded,
      name: service.name,
      destination: service.artifact.destination,
      releases: releasesFolder(service),
    };
  });
  for (const [at, one] of claims.entries()) {
    checkAlone(one, statePath);
    for (const other of claims.slice(0, at)) checkPair(other, one);
  }
}

function checkAlone({ destination, releases, context, destinationSpan }: Claim, statePath: string): void {
  const refuse = (message: string) => context.reporter.error(context.source, destinationSpan, { message });
  if (contains(destination, releases)) refuse(`the releases folder ${releases} would be inside the destination`);
  else if (contains(releases, destination)) refuse(`the destination is inside its own releases folder ${releases}`);
  if (contains(statePath, destination) || contains(destination, statePath)) {
    refuse(`the destination ${destination} and the agent's own state_path ${statePath} are inside each other`);
  }
}

/** `second` stands later: the error is shown there, with the place of the first. */
function checkPair(first: Claim, second: Claim): void {
  const message = conflict(first, second);
  if (message === undefined) return;
  const { context, destinationSpan } = second;
  const place = placeOf(first.context.source, first.destinationSpan.start);
  context.reporter.error(context.source, destinationSpan, {
    message,
    also: { message: `the destination of service "${first.name}"`, place },
  });
}

function conflict(first: Claim, second: Claim): string | undefined {
  // two services of one name are an error of their own
  if (first.name === second.name) return undefined;
  const [one, other] = [first.destination, second.destination];
  if (one === other) return `the services "${first.name}" and "${second.name}" have the same destination ${one}`;
  if (contains(one, other)) return `the destination ${other} is inside that of service "${first.name}"`;
  if (contains(other, one)) return `the destination ${other} holds that of service "${first.name}"`;
  if (contains(first.releases, other)) return `the destination ${other} is among the releases of "${first.name}"`;
  if (contains(second.releases, one)) return `the releases of "${second.name}" would hold the destination ${one}`;
  const shared = first.releases === second.releases;
  return shared ? `the services "${first.name}" and "${second.name}" have the same releases folder` : undefined;
}

/** Whether a path is the folder or inside it. */
function contains(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
