import { failure } from "../../../domain/failures/failure.ts";
import type { Bytes } from "../../../domain/size.ts";
import { listLimit } from "../../stores/exchange.ts";
import { answerOf, type Container, containerRefusal } from "./container-requests.ts";

/** An object as a listing has it (Object Storage API v1, "Show container details and list objects"). */
export interface ContainedObject {
  /** The whole name. */
  readonly key: string;
  readonly length: Bytes;
  /** Of an object in one piece, the MD5 of its content. */
  readonly tag: string;
  readonly modified: number;
}

const pageLength = 1000;
/** A million names: a listing that goes on after that has no end. */
const mostPages = 1000;

/** All objects whose names begin with `prefix`, by pages that each begin behind the last name of the one before. */
export async function listContainer(
  container: Container,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly ContainedObject[]> {
  const { place } = container;
  const below = prefix.slice(container.prefix.length);
  const nonsense = (problem: string) => failure("object-store-nonsense", { place, key: below, problem });
  const found: ContainedObject[] = [];
  let marker = "";
  for (let count = 0; count < mostPages; count += 1) {
    const doing = `list ${below}`;
    const query = { format: "json", limit: String(pageLength), prefix, ...(marker !== "" && { marker }) };
    const answer = await answerOf(container, { doing, method: "GET", key: "", query, limit: listLimit }, signal);
    if (answer.status === 404) throw failure("bucket-missing", { bucket: container.name });
    if (answer.status === 204) return found;
    if (answer.status !== 200) throw containerRefusal(container, doing, answer);
    const page = pageIn(answer.text);
    if (page === undefined || !page.every(({ key }) => key.startsWith(prefix))) {
      throw nonsense("it is no list of its objects");
    }
    const last = page.at(-1)?.key;
    if (last === undefined) return found;
    if (last === marker) throw nonsense("its pages repeat themselves");
    found.push(...page);
    marker = last;
  }
  throw nonsense("the list of its objects does not end");
}

function pageIn(text: string): readonly ContainedObject[] | undefined {
  let page: unknown;
  try {
    page = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(page)) return undefined;
  const objects: ContainedObject[] = [];
  for (const one of page) {
    const { name, bytes, hash, last_modified: modified } = (one ?? {}) as Record<string, unknown>;
    if (typeof name !== "string" || typeof bytes !== "number") return undefined;
    const time =
      typeof modified === "string" ? Date.parse(/Z$/.test(modified) ? modified : `${modified}Z`) : Number.NaN;
    objects.push({ key: name, length: bytes, tag: typeof hash === "string" ? hash : "", modified: time });
  }
  return objects;
}
