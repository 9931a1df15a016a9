import { asFailure, Failure, type FailureNote, failure } from "../domain/failures/failure.ts";
import { type DocumentName, type DocumentOf, documentKey } from "../domain/publishing/documents.ts";
import { isSigned } from "../domain/publishing/verify-document.ts";
import { type RetryRule, retryWait } from "../domain/retry.ts";
import type { Publisher } from "./publisher.ts";
import { readDocument, type Standing } from "./read-document.ts";
import { objectOf } from "./signing-key.ts";

/** `changed`: false, it stood there already. */
export interface Changed<One> {
  readonly document: One;
  readonly changed: boolean;
}

/** What is to stand in the place of a document. */
export interface Wanted<One> {
  readonly document: One;
  readonly bytes: Uint8Array;
}

/** Others publish at the same moment, or the store stumbles: about a minute of it is met with another try. */
const waits: RetryRule = { first: 50, cap: 3_000, tries: 40, longestAsked: 0 };
/** Where a store cannot swap: so long another writer may still be at it who had not seen ours. */
const settling = 1_000;
/** There everybody who wrote within that time has to write again, so that they had better not meet once more. */
const turns: RetryRule = { first: 2_000, cap: 15_000, tries: waits.tries, longestAsked: 0 };

/** Writes what the rule makes of the document that stands there; the very same one means that nothing is to be written. */
export function changeDocument<const Name extends DocumentName>(
  publisher: Publisher,
  name: Name,
  rule: (standing: DocumentOf<Name> | undefined) => DocumentOf<Name>,
): Promise<Changed<DocumentOf<Name>>> {
  const object = publisher.folder.addressOf(documentKey(name));
  return changeObject(publisher, name, (standing) => {
    const document = rule(standing?.document);
    if (document === standing?.document) return standing;
    return { document, bytes: objectOf(document, object, publisher.key) };
  });
}

/**
 * Reads, asks the rule, and swaps, until the store has taken the change or the rule has none. Who was overtaken reads again
 * and comes after; a write without an answer is read back, and known by its bytes. A store that cannot swap is read back
 * always, and where somebody else's document stands then, it is built upon as after a lost swap. Throws what the rule and the
 * store throw, "signing-key-needed", or "publication-busy" when there was no end to it.
 */
export async function changeObject<const Name extends DocumentName>(
  publisher: Publisher,
  name: Name,
  next: (standing: Standing<DocumentOf<Name>> | undefined) => Wanted<DocumentOf<Name>>,
): Promise<Changed<DocumentOf<Name>>> {
  const { folder, check } = publisher;
  const object = folder.addressOf(documentKey(name));
  const open = new Set<string>();
  let problem: Failure | undefined;
  for (let tries = 1; tries <= waits.tries; tries++) {
    const standing = await readDocument(publisher, name);
    if (standing !== undefined && open.has(check.sha256(standing.bytes))) {
      return { document: standing.document, changed: true };
    }
    const wanted = next(standing);
    if (wanted === standing) return { document: wanted.document, changed: false };
    refuseUnsignable(publisher, standing, object);
    const written = await write(publisher, name, wanted.bytes, standing?.version);
    if (written === "written") return { document: wanted.document, changed: true };
    // Nobody can know later whether this one was ever seen by somebody.
    if (written !== "not-written") open.add(check.sha256(wanted.bytes));
    problem = written instanceof Failure ? written : problem;
    await waitTurn(publisher, written, tries);
  }
  throw problem ?? failure("publication-busy", { object, tries: waits.tries });
}

async function waitTurn({ folder, clock, random, signal }: Publisher, met: Fate, tries: number): Promise<void> {
  const rule = folder.swaps || met instanceof Failure ? waits : turns;
  await clock.sleep(retryWait(rule, tries, random.fraction(), undefined), signal);
}

/** Throws "signing-key-needed" for what is signed, where there is no key to go on with: hosts would refuse what follows. */
export function refuseUnsignable(
  { key }: Publisher,
  standing: { readonly bytes: Uint8Array } | undefined,
  object: string,
): void {
  if (key !== undefined || standing === undefined || !isSigned(standing.bytes)) return;
  throw failure("signing-key-needed", { object });
}

/** A failure: nobody knows whether it was written. */
type Fate = "written" | "not-written" | Failure;

async function write(
  publisher: Publisher,
  name: DocumentName,
  bytes: Uint8Array,
  ifVersion: string | undefined,
): Promise<Fate> {
  const { folder, signal } = publisher;
  try {
    const swap = await folder.write(documentKey(name), bytes, { ifVersion }, signal);
    if (swap.outcome === "unknown") return failureOf(swap.problem);
    if (swap.outcome === "conflict") return "not-written";
  } catch (thrown) {
    const met = asFailure(thrown);
    if (signal.aborted || !met.passing) throw thrown;
    return met;
  }
  return folder.swaps || (await stands(publisher, name, bytes)) ? "written" : "not-written";
}

function failureOf({ code, sentence, remedy }: FailureNote): Failure {
  return new Failure(code, sentence, remedy);
}

/** Whether ours is still there once all have written who had not seen it. */
async function stands(publisher: Publisher, name: DocumentName, bytes: Uint8Array): Promise<boolean> {
  const { check, clock, folder, signal, onRemark } = publisher;
  await clock.sleep(settling, signal);
  const standing = await readDocument(publisher, name);
  if (standing !== undefined && check.sha256(standing.bytes) === check.sha256(bytes)) return true;
  onRemark(`${folder.addressOf(documentKey(name))} was overwritten by somebody else at the same moment; writing again`);
  return false;
}
