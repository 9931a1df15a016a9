import type { Span } from "./source.ts";

/**
 * The tree of an HCL 1 file. `key = { … }` and `key { … }` are one thing, as in HCL 1; labels are further keys.
 * Our one extension is the call: `env("NAME")` and `file("path")`.
 */
export interface Body {
  readonly items: readonly Item[];
}

export interface Key {
  readonly name: string;
  readonly span: Span;
}

export interface Item {
  /** At least one; more only when the value is an object. */
  readonly keys: readonly [Key, ...Key[]];
  readonly value: Value;
}

export type Value = TextValue | NumberValue | FlagValue | ListValue | ObjectValue | CallValue;

export interface TextValue {
  readonly kind: "text";
  readonly text: string;
  readonly span: Span;
  /** Where the text begins in the file, when it stands there letter by letter (no escapes, no unindenting). */
  readonly verbatimFrom?: number;
}

export interface NumberValue {
  readonly kind: "number";
  readonly number: number;
  /** As it was written: "0644" means more than 420 where a text is wanted. */
  readonly literal: string;
  readonly span: Span;
}

export interface FlagValue {
  readonly kind: "flag";
  readonly flag: boolean;
  readonly span: Span;
}

export interface ListValue {
  readonly kind: "list";
  readonly values: readonly Value[];
  readonly span: Span;
}

export interface ObjectValue extends Body {
  readonly kind: "object";
  readonly span: Span;
}

export interface CallValue {
  readonly kind: "call";
  readonly name: CallName;
  readonly argument: string;
  readonly span: Span;
}

export const callNames = ["env", "file"] as const;
export type CallName = (typeof callNames)[number];
