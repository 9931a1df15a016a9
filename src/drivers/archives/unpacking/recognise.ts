import { failure } from "../../../domain/failures/failure.ts";
import type { UnpackRequest } from "../archive.ts";
import { archives } from "../registry.ts";
import type { ArchiveFormat } from "./format.ts";

export interface Recognised {
  readonly format: ArchiveFormat;
  /** The config demands the format. */
  readonly demanded: boolean;
}

/** Packages that are zip files but are run, not unpacked. */
const packages = new Set([
  "application/java-archive",
  "application/x-java-archive",
  "application/vnd.android.package-archive",
]);
const packageNames = /\.(?:jar|war|ear|apk|whl|nupkg|xpi|crx)$/i;

/**
 * Which format a file has. The config's content type overrules; else the bytes decide, but a package such as a jar
 * stays the file it is.
 */
export function recognise(
  request: Pick<UnpackRequest, "contentType" | "contentTypeOverrules" | "fileName">,
  head: Buffer,
): Recognised {
  const byBytes = find((format) => format.recognises(head));
  const type = mediaType(request.contentType);
  if (request.contentTypeOverrules && type !== undefined) return overruled(type, byBytes);
  const isPackage = packages.has(type ?? "") || packageNames.test(request.fileName);
  return { format: isPackage ? find((format) => format.name === "file") : byBytes, demanded: false };
}

/** The format that a content type means: the original's table, and "file" for every type not in it. */
export function formatOf(type: string): ArchiveFormat {
  return find((format) => format.contentTypes.includes(type) || format.name === "file");
}

function overruled(type: string, byBytes: ArchiveFormat): Recognised {
  const format = formatOf(type);
  if (format.name !== "file" && format !== byBytes && byBytes.name !== "file") {
    throw failure("archive-unexpected-format", { contentType: type, expected: format.name, found: byBytes.name });
  }
  return { format, demanded: true };
}

function find(fits: (format: ArchiveFormat) => boolean): ArchiveFormat {
  const found = archives.all.find(fits);
  if (found === undefined) throw new Error("the registry of archives has no format for plain files");
  return found;
}

function mediaType(contentType: string | undefined): string | undefined {
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  return type === "" ? undefined : type;
}
