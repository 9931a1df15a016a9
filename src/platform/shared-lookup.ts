import { type LookupAddress, lookup as lookUp } from "node:dns";
import type { LookupFunction } from "node:net";

type Callback = Parameters<LookupFunction>[2];
type Answer = [error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number];

/**
 * Looks a name up once for all who ask for it at the same time. The system's resolver takes a thread for each question, and
 * Node has two for it: without this, a name whose servers are silent takes both as soon as two services want it, and every
 * other name waits behind it.
 */
export function sharedLookup(resolver: LookupFunction = lookUp as LookupFunction): LookupFunction {
  const waiting = new Map<string, Callback[]>();
  return (hostname, options, callback) => {
    const question = JSON.stringify([hostname, options.family, options.hints, options.all, options.order]);
    const others = waiting.get(question);
    if (others !== undefined) {
      others.push(callback);
      return;
    }
    const all = [callback];
    waiting.set(question, all);
    resolver(hostname, options, (...answer: Answer) => {
      waiting.delete(question);
      for (const one of all) one(...answer);
    });
  };
}
