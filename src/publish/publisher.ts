import type { PublicKey } from "../domain/publishing/public-key.ts";
import type { Publication } from "../domain/publishing/publication.ts";
import type { SignatureCheck } from "../domain/publishing/verify-document.ts";
import type { ArchiveLimits } from "../domain/service.ts";
import type { ObjectFolder } from "../drivers/repositories/objects.ts";
import type { Clock, Random } from "../platform/ports.ts";
import type { SigningKey } from "./signing-key.ts";

/** Somebody who publishes one application in one place, while one command runs. */
export interface Publisher extends Omit<Publication, "created"> {
  readonly folder: ObjectFolder;
  /** Undefined: nothing is signed, and whatever stands there is read as it is. */
  readonly key?: SigningKey | undefined;
  /** Whose documents are built upon, beside those of `key`: a key that is being replaced. */
  readonly trusted: readonly PublicKey[];
  /** Build also upon what nobody has signed: once, to begin with signing. */
  readonly adopts: boolean;
  /** What hosts let an archive hold. */
  readonly limits: ArchiveLimits;
  readonly check: SignatureCheck;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Hears what a person should know although it ended well. */
  readonly onRemark: (remark: string) => void;
}

/** What the documents say that are written now. */
export function publicationOf({ service, by, clock, validFor, atLeast }: Publisher): Publication {
  return { service, by, created: clock.wall(), validFor, atLeast };
}
