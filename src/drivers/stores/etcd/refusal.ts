import { type Failure, failure } from "../../../domain/failures/failure.ts";
import { refusalOf, type StoreAnswer } from "../exchange.ts";

/** Of an answer. */
type Told = Pick<StoreAnswer, "status" | "text">;

/** Said of a token that ended, that a restarted member does not know, or that is older than the last change of rights. */
export function isTokenRefused({ status, text }: Told): boolean {
  return status === 401 || (status === 400 && /auth store is old/.test(text));
}

/** What an answer other than 200 means. */
export function refusal(place: string, doing: string, answer: Told): Failure {
  const said = messageOf(answer.text);
  // etcd says it with the status of "too many requests", but it stays until somebody makes room.
  if (/database space exceeded/.test(said)) return failure("rollout-store-refused", { place, doing, answer: said });
  return refusalOf({ place }, doing, answer.status, said);
}

/** etcd's own word in `{"error": …, "message": …, "code": …}`, or what stands there instead. */
function messageOf(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: unknown; error?: unknown };
    return String(message ?? error ?? text);
  } catch {
    return text;
  }
}
