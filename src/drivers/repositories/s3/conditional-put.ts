import { failure } from "../../../domain/failures/failure.ts";
import { isUncertain, type StoreAnswer } from "../../stores/exchange.ts";
import type { Swap } from "../../stores/store.ts";
import { storeErrorIn } from "./error-answer.ts";
import { isMissing, type Objects, objectRefusal } from "./object-requests.ts";

/** Entity tags of this store; "*" would be any. */
export function isVersion(version: string): boolean {
  return /^(?:W\/)?"[^"]+"$/.test(version);
}

export function versionIn({ headers }: StoreAnswer): string | undefined {
  const { etag = "" } = headers;
  return isVersion(etag) ? etag : undefined;
}

export function conditionFor(version: string | undefined): Readonly<Record<string, string>> {
  return version === undefined ? { "if-none-match": "*" } : { "if-match": version };
}

/** Another writer came first, and nothing was written (Amazon S3 API reference, "Error responses"; the last one is Ceph's word). */
const collisions = new Set(["ConditionalRequestConflict", "OperationAborted", "ConcurrentModification"]);

/** What the answer to a write on a condition says. Throws when certainly nothing was written, and it is no conflict. */
export function swapIn(objects: Objects, key: string, answer: StoreAnswer): Swap {
  const { status } = answer;
  const { place, kind = "rollout" } = objects;
  const doing = `change ${key}`;
  const { code } = storeErrorIn(answer.text, answer);
  if (status === 412 || isMissing(answer)) return { outcome: "conflict" };
  if (status === 409 && collisions.has(code)) return { outcome: "conflict" };
  if (status === 501 && code === "NotImplemented") {
    throw failure(`${kind}-store-incapable`, { place, answer: `status 501 (${code})` });
  }
  if (isUncertain(status)) return { outcome: "unknown", problem: objectRefusal(objects, doing, answer).note };
  if (status !== 200) throw objectRefusal(objects, doing, answer);
  const version = versionIn(answer);
  if (version !== undefined) return { outcome: "swapped", version };
  const problem = "the answer has no ETag";
  return { outcome: "unknown", problem: failure(`${kind}-store-nonsense`, { place, key, problem }).note };
}
