import type { IndexDocument } from "../../../src/domain/publishing/documents.ts";
import type { Publication } from "../../../src/domain/publishing/publication.ts";
import { indexWith, pushedRelease } from "../../../src/domain/publishing/version-rules.ts";
import { monday, releaseInfo } from "./fixture.ts";

/** Of Ann, on Monday. */
export const publication: Publication = { service: "web", by: "ann@laptop", created: monday };

/** What a whole push of a version makes of an index. */
export function push(index: IndexDocument | undefined, version: string, content = version): IndexDocument {
  return indexWith(index, pushedRelease(undefined, releaseInfo(version, content), publication), publication);
}
