import { type Excerpt, excerptOf } from "./excerpt.ts";
import { formatPlace, type Place, placeOf, type Source, type Span } from "./hcl/source.ts";

/** One thing to say about a configuration. It holds no secret: the line it shows has them masked. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** Starts small and has no full stop: `unknown setting "chekInterval"`. */
  readonly message: string;
  readonly place: Place;
  readonly expected?: string;
  /** What to do, where that is not plain from what was expected. */
  readonly remedy?: string;
  readonly excerpt?: Excerpt;
  /** Another place that matters: where the first of two stands. */
  readonly also?: { readonly message: string; readonly place: Place };
}

export interface Complaint {
  readonly message: string;
  readonly expected?: string | undefined;
  readonly remedy?: string;
  readonly also?: Diagnostic["also"];
  /** The value that the span points at must not be shown. */
  readonly secret?: boolean;
  /** From this offset on, the line must not be shown. */
  readonly hideFrom?: number | undefined;
  /** It could not even be read: nothing else is said about the same place. */
  readonly syntax?: boolean;
}

/** Collects what is said about all files of one configuration. */
export interface Reporter {
  error(source: Source, span: Span, complaint: Complaint): void;
  warn(source: Source, span: Span, complaint: Complaint): void;
  /** What is wrong with a file or folder as a whole. */
  refuse(file: string, complaint: Complaint): void;
  /** Whether there was an error so far. */
  failed(): boolean;
  /** In the order of the files as they were first named here, then of the lines. */
  all(): readonly Diagnostic[];
}

/** `secretNames`: settings whose values are masked in every line that is shown. */
export function reporter(secretNames: ReadonlySet<string>): Reporter {
  const found: Diagnostic[] = [];
  const order = new Map<string, number>();
  const add = (severity: "error" | "warning", place: Place, excerpt: Excerpt | undefined, complaint: Complaint) => {
    const { message, expected, remedy, also } = complaint;
    if (!order.has(place.file)) order.set(place.file, order.size);
    found.push({
      severity,
      message,
      place,
      ...(expected === undefined ? {} : { expected }),
      ...(remedy === undefined ? {} : { remedy }),
      ...(excerpt === undefined ? {} : { excerpt }),
      ...(also === undefined ? {} : { also }),
    });
  };
  const unreadable = new Set<string>();
  const at = (severity: "error" | "warning") => (source: Source, span: Span, complaint: Complaint) => {
    const place = placeOf(source, span.start);
    const key = formatPlace(place);
    if (unreadable.has(key)) return;
    if (complaint.syntax) unreadable.add(key);
    const { excerpt, hidden } = excerptOf(source, span, secretNames, hiddenFrom(span, complaint));
    add(severity, place, excerpt, hidden && complaint.syntax ? secretUnread : complaint);
  };
  return {
    error: at("error"),
    warn: at("warning"),
    refuse: (file, complaint) => add("error", { file, line: 0, column: 0 }, undefined, complaint),
    failed: () => found.some(({ severity }) => severity === "error"),
    all: () => found.toSorted((one, other) => compare(one.place, other.place, order)),
  };
}

/** Stands for every message about the syntax of a secret: those repeat what they are about. */
const secretUnread: Complaint = {
  message: "the value of a secret setting is not understood",
  expected: 'a text in double quotes, env("NAME") or file("path")',
};

function hiddenFrom(span: Span, { secret, hideFrom }: Complaint): number | undefined {
  return secret ? span.start : hideFrom;
}

function compare(one: Place, other: Place, order: ReadonlyMap<string, number>): number {
  return (
    (order.get(one.file) ?? 0) - (order.get(other.file) ?? 0) || one.line - other.line || one.column - other.column
  );
}
