import type { Milliseconds } from "../duration.ts";
import type { WindowDeclaration } from "../service.ts";
import { standingAt, type WindowStanding } from "./windows.ts";

/**
 * The first moment from a given one on at which a host may begin; infinite: none is in sight. Moments count from `now`
 * (wall-clock milliseconds), and are asked for in their order, or nearly so: what is known of one serves those after it.
 */
export function openingsOf(windows: readonly WindowDeclaration[], now: number): (at: Milliseconds) => Milliseconds {
  let from: Milliseconds = Number.POSITIVE_INFINITY;
  let last: WindowStanding = { open: false };
  const holds = (at: Milliseconds) => {
    const until = last.open ? last.closesAt : last.opensAt;
    return at >= from && until !== undefined && at < until - now;
  };
  return (at) => {
    if (windows.length === 0) return at;
    if (!holds(at)) {
      from = at;
      last = standingAt(windows, now + at);
    }
    if (last.open) return at;
    return last.opensAt === undefined ? Number.POSITIVE_INFINITY : last.opensAt - now;
  };
}
