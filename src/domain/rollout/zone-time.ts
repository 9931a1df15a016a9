/**
 * Times of a zone and moments, by the time-zone data that Intl brings. A local time is written as the milliseconds that would
 * be its moment if the zone were UTC.
 */

const day = 24 * 3_600_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks in the zone show at a moment. */
export function localTime(moment: number, zone: string): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const whole = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return whole + (((moment % 1000) + 1000) % 1000);
}

/** When clocks in the zone show this: the first time, if twice; the moment of the jump, if never. */
export function instantOf(local: number, zone: string): number {
  const before = local - offsetAt(local - day, zone);
  const after = local - offsetAt(local + day, zone);
  const [first, second] = before < after ? [before, after] : [after, before];
  if (localTime(first, zone) === local) return first;
  if (localTime(second, zone) === local) return second;
  return jumpOver(local, first, second, zone);
}

/** The first moment between two at which clocks show more than `local`; it lies on a whole second. */
function jumpOver(local: number, from: number, to: number, zone: string): number {
  let low = Math.floor(from / 1000) - 1;
  let high = Math.ceil(to / 1000) + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (localTime(middle * 1000, zone) > local) high = middle;
    else low = middle;
  }
  return high * 1000;
}

function offsetAt(moment: number, zone: string): number {
  return localTime(moment, zone) - moment;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "iso8601",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(zone, format);
  return format;
}
