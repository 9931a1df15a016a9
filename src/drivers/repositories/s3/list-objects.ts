import { failure } from "../../../domain/failures/failure.ts";
import { listLimit, type StoreAnswer } from "../../stores/exchange.ts";
import { type PagedObject, pageIn } from "./object-list.ts";
import { type ObjectRequest, type Objects, objectRefusal } from "./object-requests.ts";

/** A million keys: a listing that goes on after that has no end. */
const mostPages = 1000;

/** All objects below a prefix of the folder, their keys without that of the folder. */
export async function objectsBelow(
  objects: Objects,
  below: string,
  answerOf: (request: ObjectRequest) => Promise<StoreAnswer>,
): Promise<readonly PagedObject[]> {
  const { prefix, place, kind = "rollout" } = objects;
  const doing = `list ${below}`;
  const nonsense = (problem: string) => failure(`${kind}-store-nonsense`, { place, key: below, problem });
  const found: PagedObject[] = [];
  let next: string | undefined;
  for (let count = 0; count < mostPages; count += 1) {
    const query = { "list-type": "2", prefix: prefix + below, ...(next && { "continuation-token": next }) };
    const answer = await answerOf({ doing, method: "GET", key: "", query, limit: listLimit });
    if (answer.status !== 200) throw objectRefusal(objects, doing, answer);
    const page = pageIn(answer.text);
    if (page === undefined || !page.objects.every(({ key }) => key.startsWith(prefix + below))) {
      throw nonsense("it is no list of its objects");
    }
    found.push(...page.objects.map((one) => ({ ...one, key: one.key.slice(prefix.length) })));
    if (page.next === undefined) return found;
    next = page.next;
  }
  throw nonsense("the list of its objects does not end");
}
