import { catalogue, Failure, type FailureCode, type FailureNote } from "../../domain/failures/failure.ts";
import type { OperationEvent, Operations } from "../operations.ts";

/**
 * What agent and command line say to each other: HTTP/1.1 over a unix socket. `POST /v<version>/<operation>` with a JSON
 * array of arguments; the answer is one JSON document per line (NDJSON). Lines until the last one are events or signs of
 * life; the last one holds the result or the failure. An answer without such a last line was cut.
 */
export const protocolVersion = 1;

export type Line =
  | { readonly event: OperationEvent }
  | { readonly alive: true }
  | { readonly result: unknown }
  | { readonly failure: FailureNote };

/** The agent says at least this often that it lives. */
export const aliveInterval = 5_000;
/** A command that hears nothing for so long gives up. */
export const silenceLimit = 30_000;

type ArgumentKind = "text" | "optional-text" | "count";

/** Every operation with the arguments that travel; `onEvent` follows them where `streams` says so. */
export const operationShapes = {
  status: { arguments: ["optional-text"], streams: false },
  history: { arguments: ["text", "count"], streams: false },
  releases: { arguments: ["text"], streams: false },
  evidence: { arguments: ["text", "optional-text"], streams: false },
  check: { arguments: ["optional-text"], streams: false },
  update: { arguments: ["optional-text"], streams: true },
  rollback: { arguments: ["text", "optional-text"], streams: true },
  pin: { arguments: ["text", "optional-text"], streams: true },
  unpin: { arguments: ["text"], streams: false },
  pause: { arguments: ["optional-text"], streams: false },
  resume: { arguments: ["optional-text"], streams: false },
  retry: { arguments: ["text"], streams: true },
  reload: { arguments: [], streams: false },
} as const satisfies Record<keyof Operations, { arguments: readonly ArgumentKind[]; streams: boolean }>;

export type OperationName = keyof typeof operationShapes;

export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operationShapes, name);
}

/** Why these are no arguments of the operation; undefined when they are. `null` stands for a left-out text. */
export function argumentProblem(name: OperationName, given: unknown): string | undefined {
  const kinds: readonly ArgumentKind[] = operationShapes[name].arguments;
  if (!Array.isArray(given) || given.length !== kinds.length) return `${name} takes ${kinds.length} arguments`;
  const bad = kinds.findIndex((kind, index) => !fits(kind, given[index]));
  return bad < 0 ? undefined : `argument ${bad + 1} of ${name} is not a ${kinds[bad]?.replace("-", " ")}`;
}

function fits(kind: ArgumentKind, value: unknown): boolean {
  if (kind === "count") return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 100_000;
  if (kind === "optional-text" && value === null) return true;
  return typeof value === "string" && value !== "" && value.length <= 512;
}

/** A failure as it came over the socket. One of a newer agent may have a code that this version does not know. */
export function failureOf(note: FailureNote): Failure {
  const code: FailureCode = Object.hasOwn(catalogue, note.code) ? note.code : "unexpected";
  return new Failure(code, note.sentence, note.remedy);
}
