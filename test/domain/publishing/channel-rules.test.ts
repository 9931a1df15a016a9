import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { promoted, refreshed } from "../../../src/domain/publishing/channel-rules.ts";
import { encodeDocument } from "../../../src/domain/publishing/document-text.ts";
import type { ChannelDocument, IndexDocument } from "../../../src/domain/publishing/documents.ts";
import type { Publication } from "../../../src/domain/publishing/publication.ts";
import { yankedIn } from "../../../src/domain/publishing/version-rules.ts";
import { channelDocument, day, indexDocument, monday, releaseDocument, releaseInfo, withCode } from "./fixture.ts";
import { publication, push } from "./publications.ts";

describe("a promotion", () => {
  const index = ["1.4.1", "1.4.2"].reduce<IndexDocument | undefined>((one, version) => push(one, version), undefined);
  const stable = (version: string, standing?: ChannelDocument, more: Partial<Publication> = {}, channel = "stable") =>
    promoted(standing, { channel, release: releaseDocument(version), index }, { ...publication, ...more });

  test("begins a channel with sequence 1, or where hosts have seen more, above that", () => {
    const { sequence, channel, release } = stable("1.4.2");

    assert.deepEqual(
      { sequence, channel, version: release.version },
      { sequence: 1, channel: "stable", version: "1.4.2" },
    );
    assert.equal(stable("1.4.2", undefined, { atLeast: 8 }).sequence, 8);
  });

  test("gives the next number, also to an older version: that is how one goes back", () => {
    const first = stable("1.4.2");
    const back = stable("1.4.1", first);

    assert.deepEqual([back.sequence, back.release.version], [2, "1.4.1"]);
    assert.equal(stable("1.4.2", back).sequence, 3);
    assert.equal(stable("1.4.2", back, { atLeast: 2 }).sequence, 3);
  });

  test("to what the channel points at changes nothing", () => {
    const first = stable("1.4.2");

    assert.equal(stable("1.4.2", first, { by: "bob@ci", created: monday + day }), first);
  });

  test("of a version that is not there, or whose push was cut off, is refused", () => {
    assert.throws(() => stable("1.4.3"), withCode("version-unknown", /no version 1\.4\.3 of "web"/));
    const alone = { channel: "stable", release: releaseDocument("1.4.2"), index: undefined };
    assert.throws(() => promoted(undefined, alone, publication), withCode("version-unknown"));
  });

  test("of a version that was yanked is refused, with who did it and why", () => {
    const yanked = yankedIn(index, { version: "1.4.2", reason: "it loses mail" }, [], publication);
    const promotion = { channel: "stable", release: releaseDocument("1.4.2"), index: yanked };

    assert.throws(
      () => promoted(undefined, promotion, publication),
      withCode("version-yanked", /yanked by ann@laptop: it loses mail/),
    );
  });

  test("of a release document that is not as the index lists it is refused", () => {
    const other = releaseDocument("1.4.2", { release: releaseInfo("1.4.2", "other") });

    assert.throws(
      () => promoted(undefined, { channel: "stable", release: other, index }, publication),
      withCode("release-not-as-listed", /releases\/1\.4\.2/),
    );
  });

  test("to a channel whose name could be a path is refused", () => {
    for (const channel of ["", "..", "a/b", ".hidden", "a.", "-x", "x".repeat(65), "a b", "stäble"]) {
      assert.throws(() => stable("1.4.2", undefined, {}, channel), withCode("channel-name-invalid"));
    }
    for (const channel of ["a", "stable", "2026.11", "beta_2-x", "x".repeat(64)]) {
      encodeDocument(stable("1.4.2", undefined, {}, channel), "x");
    }
  });

  test("fault 44: after the last number there is none, and the sentence says what to do", () => {
    const spent = channelDocument({ sequence: Number.MAX_SAFE_INTEGER });

    assert.throws(() => stable("1.4.1", spent), withCode("sequence-used-up", /channels\/stable/));
  });

  test("keeps for how long a channel is valid, until somebody says otherwise", () => {
    const first = stable("1.4.1", undefined, { validFor: 30 * day });
    const next = stable("1.4.2", first, { created: monday + 10 * day });
    const unlimited = stable("1.4.1", next, { created: monday + 20 * day, validFor: Number.POSITIVE_INFINITY });

    assert.equal(first.expires, monday + 30 * day);
    assert.equal(next.expires, monday + 40 * day);
    assert.equal("expires" in unlimited, false);
  });

  test("keeps what a newer version of Dropship wrote beside it", () => {
    const standing = { ...channelDocument(), audience: "eu" } as ChannelDocument;

    assert.equal((stable("1.4.1", standing) as ChannelDocument & { audience: string }).audience, "eu");
  });
});

test("a document that is signed anew says the same, later, under the next number", () => {
  const channel = channelDocument({ expires: monday + day });
  const index = indexDocument();
  const later = { ...publication, created: monday + 5 * day };

  const { created, expires, sequence, by, release } = refreshed(channel, later);
  assert.deepEqual([created, expires, sequence, by], [monday + 5 * day, monday + 7 * day, 8, "ann@laptop"]);
  assert.deepEqual(release, channel.release);
  assert.deepEqual(refreshed(index, later).versions, index.versions);
  assert.equal(refreshed(index, later).sequence, 4);
  const expiring = { ...index, expires: monday + day };
  assert.equal(refreshed(expiring, later).expires, monday + 7 * day);
  assert.equal("expires" in refreshed(expiring, { ...later, validFor: Number.POSITIVE_INFINITY }), false);
});
