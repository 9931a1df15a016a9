import { Failure } from "../domain/failures/failure.ts";
import type { Values } from "../domain/options.ts";
import { isChannelName } from "../domain/publishing/documents.ts";
import { parseWantedVersion, type WantedVersion } from "../domain/publishing/range.ts";
import type { FollowDeclaration } from "../domain/service.ts";
import type { DecodeContext } from "./decode-context.ts";
import type { Block, DecodedOptions } from "./decode-options.ts";
import { decodeTrustBlock, type TrustBlock, trustFrom } from "./decode-trust.ts";
import type { Span } from "./hcl/source.ts";
import type { followOptions } from "./schemas.ts";

/** What decides whom a service believes. */
export interface FollowContext extends DecodeContext {
  /** The trust block of the main file; null after something in it was refused. */
  readonly trust: TrustBlock | undefined | null;
}

/** The service and its artifact block. */
export interface Follower {
  readonly service: Block;
  readonly name: string;
  readonly artifact: Block;
  /** The word of the repository. */
  readonly driver: string;
  readonly decoded: DecodedOptions;
}

/**
 * What a service follows beside the object itself: undefined when it follows that; null after something was refused. Whoever
 * asks for trust and would get none is told, as an error where they asked for it in this very service.
 */
export function decodeFollow(context: FollowContext, follower: Follower): FollowDeclaration | undefined | null {
  const mine = decodeTrustBlock(context, follower.service.items);
  const wanted = wantedIn(context, follower);
  const application = applicationIn(context, follower, wanted);
  if (mine === null || context.trust === null || wanted === null || application === null) return null;
  if (wanted === undefined) return plain(context, follower, mine);
  if (!meansOneObject(context, follower)) return null;
  const trust = trustFrom(context, mine, context.trust);
  if (trust === null) return null;
  if (trust === undefined) warnOfNoTrust(context, follower);
  return { application, wanted, ...(trust && { trust }) };
}

function plain(
  context: FollowContext,
  { service, artifact }: Follower,
  mine: TrustBlock | undefined,
): undefined | null {
  const { source, reporter, trust } = context;
  const remedy = 'Follow what was pushed: channel = "stable" or version = "~> 1.4" in the artifact block.';
  if (mine !== undefined) {
    const message = `${service.title} trusts keys, but follows an object that nobody signs`;
    reporter.error(source, mine.span, { message, remedy: `${remedy} Or take the trust block out.` });
    return null;
  }
  if (trust !== undefined) {
    const message = `${service.title} follows an object that nobody signs: the trust block of the main file does not protect it`;
    reporter.warn(source, artifact.span, { message, remedy });
  }
  return undefined;
}

/** What is said of one object means nothing for many: an error where it chose the content, and a warning where it described it. */
function meansOneObject({ source, reporter }: DecodeContext, { artifact, decoded: { spans } }: Follower): boolean {
  const described = spans.get("content-type");
  if (described !== undefined) {
    const message = "content-type has no effect: what was published says itself what it is";
    reporter.warn(source, described, { message, remedy: "Remove the line." });
  }
  const chosen = spans.get("objectVersion");
  if (chosen === undefined) return true;
  const message = `${artifact.title} follows what was published, and objectVersion is of one object`;
  reporter.error(source, chosen, { message, remedy: "Remove the line." });
  return false;
}

function warnOfNoTrust({ source, reporter }: DecodeContext, { service, artifact }: Follower): void {
  reporter.warn(source, artifact.span, {
    message: `${service.title} takes releases that nobody signed: whoever may write to the repository decides what runs here`,
    remedy: 'Name the key that signs them: trust { key = "RW…" }, here or in the main file.',
  });
}

function wantedIn(context: DecodeContext, follower: Follower): FollowDeclaration["wanted"] | undefined | null {
  const { source, reporter } = context;
  const { decoded, artifact } = follower;
  const { channel, version } = decoded.values as Values<typeof followOptions>;
  const [channelSpan, versionSpan] = [decoded.spans.get("channel"), decoded.spans.get("version")];
  if (channelSpan !== undefined && versionSpan !== undefined) {
    const message = `${artifact.title} follows a channel and a version`;
    reporter.error(source, versionSpan, { message, expected: "one of them" });
    return null;
  }
  if (versionSpan !== undefined && version !== undefined) return versionIn(context, follower, version, versionSpan);
  if (channelSpan === undefined || channel === undefined) return undefined;
  if (isChannelName(channel)) return { channel };
  const expected = "letters, digits, and between them dots, hyphens and underscores; at most 64";
  reporter.error(source, channelSpan, { message: `"${channel}" cannot be the name of a channel`, expected });
  return null;
}

/** The endings that people give to archives: a folder of published versions has none of them. */
const archiveEnding = /\.(?:tar|tgz|tbz2?|txz|tzst|zip|jar|war|(?:tar\.)?(?:gz|bz2|xz|zst))$/i;

function versionIn(
  { source, reporter }: DecodeContext,
  { driver, decoded }: Follower,
  version: string,
  span: Span,
): WantedVersion | null {
  const { path } = decoded.values as { readonly path?: string };
  // It used to name one upload of the object itself.
  const meant = driver === "s3" ? { remedy: "The id of an object's version is written as objectVersion now." } : {};
  if (driver === "s3" && path !== undefined && archiveEnding.test(path)) {
    const message = `version = "${version}" is of what was pushed below a folder, and "${path}" looks like an object`;
    reporter.error(source, span, { message, ...meant });
    return null;
  }
  try {
    return parseWantedVersion(version);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const expected = 'a version such as "1.4.2", or a range such as "~> 1.4" or ">= 1.2, < 2"';
    reporter.error(source, span, { message: thrown.message.replace(/\.$/, ""), expected, ...meant });
    return null;
  }
}

/** Null after it was refused. */
function applicationIn(
  { source, reporter }: DecodeContext,
  { name, decoded }: Follower,
  wanted: FollowDeclaration["wanted"] | undefined | null,
): string | null {
  const { application = name } = decoded.values as Values<typeof followOptions>;
  const span = decoded.spans.get("application");
  if (span === undefined) return application;
  if (wanted === undefined) {
    const expected = 'channel = "…" or version = "…" beside it';
    reporter.error(source, span, { message: "application has no effect on an object", expected });
    return null;
  }
  if (application.length <= 200 && !/[\p{Cc}\u2028\u2029]/u.test(application)) return application;
  reporter.error(source, span, {
    message: "application is not a name",
    expected: "one line of at most 200 characters",
  });
  return null;
}
