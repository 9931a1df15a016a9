import { didYouMean } from "../domain/did-you-mean.ts";
import type { Values } from "../domain/options.ts";
import type { WindowDeclaration } from "../domain/service.ts";
import type { DecodeContext } from "./decode-context.ts";
import { type Block, type DecodedOptions, decodeOptions, whereIs } from "./decode-options.ts";
import type { Span } from "./hcl/source.ts";
import type { Item, ObjectValue, Value } from "./hcl/syntax-tree.ts";
import { windowOptions } from "./rollout-options.ts";

/** Every `window { … }`, `window "nights" { … }` or `window = [{ … }]` of a rollout; `undefined` after something was refused. */
export function decodeWindows(
  context: DecodeContext,
  items: readonly Item[],
): readonly WindowDeclaration[] | undefined {
  const windows = items.flatMap((item) => bodiesOf(context, item)).map((body) => body && decodeWindow(context, body));
  return windows.every((one) => one !== undefined) ? windows : undefined;
}

interface WindowBody {
  readonly title: string;
  readonly object: ObjectValue;
  readonly span: Span;
}

function bodiesOf(context: DecodeContext, { keys, value }: Item): readonly (WindowBody | undefined)[] {
  const [kind, label, surplus] = keys;
  const refuse = (span: Span, message: string): readonly undefined[] => {
    context.reporter.error(context.source, span, { message, expected: 'window { … } or window "name" { … }' });
    return [undefined];
  };
  if (surplus !== undefined) return refuse(surplus.span, "a window has one name at most");
  const title = label === undefined ? "the window" : `window "${label.name}"`;
  const inside = (one: Value): readonly (WindowBody | undefined)[] => {
    if (one.kind === "list") return one.values.flatMap(inside);
    if (one.kind !== "object") return refuse(one.span, "window is a block, not a setting");
    return [{ title, object: one, span: kind.span }];
  };
  return inside(value);
}

function decodeWindow(context: DecodeContext, { title, object, span }: WindowBody): WindowDeclaration | undefined {
  const block: Block = { title, items: object.items, span };
  const decoded = decodeOptions(context, block, windowOptions);
  if (!decoded.sound) return undefined;
  const given = decoded.values as Values<typeof windowOptions>;
  const judge = judgeOf(context, decoded, span);
  const days = daysOf(given.days, judge, settingOf(object, "days"));
  const from = minutesOf("from", given.from, judge);
  const to = minutesOf("to", given.to, judge);
  const zone = zoneOf(given.zone, judge);
  if (from !== undefined && from === to) {
    judge("to", { message: `${title} opens and closes at the same time`, expected: '"24:00" for a whole day' });
    return undefined;
  }
  if (days === undefined || from === undefined || to === undefined || zone === undefined) return undefined;
  return { where: whereIs(context.source, span), days, from, to, zone, overrun: given.overrun };
}

type Complain = (setting: string, complaint: { message: string; expected: string }, at?: Span) => undefined;

function judgeOf({ source, reporter }: DecodeContext, { spans }: DecodedOptions, block: Span): Complain {
  return (setting, complaint, at) => {
    reporter.error(source, at ?? spans.get(setting) ?? block, complaint);
    return undefined;
  };
}

function settingOf({ items }: ObjectValue, setting: string): Value | undefined {
  return items.find(({ keys: [key] }) => key.name.toLowerCase() === setting)?.value;
}

const dayNames = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
const everyDay = dayNames.map((_name, day) => day);
const daysExpected = 'days such as "mon", "sat" or "mon-fri"';

function daysOf(
  given: readonly string[] | undefined,
  complain: Complain,
  value: Value | undefined,
): readonly number[] | undefined {
  if (given === undefined) return everyDay;
  if (given.length === 0)
    return complain("days", {
      message: "days is empty: the window would never open",
      expected: `${daysExpected}; leave it out for every day`,
    });
  const days = given.map((text, at) =>
    rangeOf(text, (message) =>
      complain(
        "days",
        { message, expected: daysExpected },
        value?.kind === "list" ? value.values[at]?.span : undefined,
      ),
    ),
  );
  if (!days.every((range) => range !== undefined)) return undefined;
  const open = new Set(days.flat());
  return everyDay.filter((day) => open.has(day));
}

/** "fri-mon" goes over the end of the week. */
function rangeOf(text: string, complain: (message: string) => undefined): readonly number[] | undefined {
  const ends = text
    .trim()
    .toLowerCase()
    .split(/\s*-\s*/);
  const [first, last = first] = ends;
  if (first === undefined || last === undefined || ends.length > 2) return complain(`"${text}" is no range of days`);
  const [from, to] = [dayOf(first), dayOf(last)];
  const unknown = from === undefined ? first : last;
  if (from === undefined || to === undefined)
    return complain(`there is no day "${unknown}"${didYouMean(unknown, dayWords(unknown))}`);
  return everyDay.slice(0, ((to - from + 7) % 7) + 1).map((step) => (from + step) % 7);
}

function dayOf(word: string): number | undefined {
  const day = dayNames.findIndex((name) => word === name || word === name.slice(0, 3));
  return day === -1 ? undefined : day;
}

/** A short word is measured against the short names. */
function dayWords(word: string): readonly string[] {
  return word.length > 4 ? dayNames : dayNames.map((name) => name.slice(0, 3));
}

/** Only an end may be "24:00". */
function minutesOf(setting: "from" | "to", text: string, complain: Complain): number | undefined {
  const parts = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  const [hours, minutes] = [Number(parts?.[1] ?? Number.NaN), Number(parts?.[2] ?? Number.NaN)];
  if (hours <= 23 && minutes <= 59) return hours * 60 + minutes;
  if (setting === "to" && hours === 24 && minutes === 0) return 24 * 60;
  return complain(setting, {
    message: `"${text}" is no time of the day`,
    expected: 'hours and minutes such as "04:00" or "22:30"',
  });
}

function zoneOf(zone: string, complain: Complain): string | undefined {
  if (isZone(zone)) return zone;
  const known = Intl.supportedValuesOf("timeZone");
  const city = zone.trim().replaceAll(" ", "_").toLowerCase();
  const ofCity = known.find((one) => one.split("/").at(-1)?.toLowerCase() === city);
  const hint = ofCity === undefined ? didYouMean(zone, known) : `; did you mean "${ofCity}"?`;
  return complain("zone", {
    message: `there is no time zone "${zone}"${hint}`,
    expected: 'an IANA name such as "Europe/Berlin", or "UTC"',
  });
}

/** An offset such as "+02:00" would be right for half of the year. */
function isZone(zone: string): boolean {
  if (!/^[a-z]/i.test(zone)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
