import { type Failure, failure } from "../../../domain/failures/failure.ts";
import type { LinkSettings } from "./link.ts";

/** What Redis says when it is loading, failing over, short of memory or of replicas: it may be over soon. */
const mayPass = /^(?:LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|OOM)\b/;

/** What an error that Redis answered means. It had no effect: the script writes with its last command. */
export function refusalOf({ place, sentinels }: LinkSettings, doing: string, said: string): Failure {
  const answer = said.slice(0, 200);
  // Where sentinels choose the master, a server that only reads was one a moment ago.
  const passes = mayPass.test(said) || (sentinels !== undefined && /^READONLY\b/.test(said));
  if (passes) return failure("rollout-store-busy", { place, answer });
  return failure("rollout-store-refused", { place, doing, answer: answer.replace(/\.$/, "") });
}
