import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeDocument } from "../../../src/domain/publishing/document-text.ts";
import { parseRange } from "../../../src/domain/publishing/range.ts";
import {
  chosenVersion,
  entryFor,
  indexWith,
  pushedRelease,
  yankedIn,
} from "../../../src/domain/publishing/version-rules.ts";
import { artifact, channelDocument, day, entry, indexDocument, monday, releaseInfo, withCode } from "./fixture.ts";
import { publication, push } from "./publications.ts";

describe("a push", () => {
  test("makes a release document that says by whom and when, and an entry of the index that says the same", () => {
    const release = pushedRelease(undefined, releaseInfo("1.4.2"), publication);
    const index = indexWith(undefined, release, publication);

    const head = { format: 1, service: "web", by: "ann@laptop", created: monday };
    assert.deepEqual(release, { ...head, kind: "release", release: releaseInfo("1.4.2") });
    const listed = entry("1.4.2", { created: monday, by: "ann@laptop" });
    assert.deepEqual(index, { ...head, kind: "index", sequence: 1, versions: [listed] });
  });

  test("of the same content again is a success that changes nothing, whoever pushes it and when", () => {
    const release = pushedRelease(undefined, releaseInfo("1.4.2"), publication);
    const index = indexWith(undefined, release, publication);
    const later = { ...publication, by: "bob@ci", created: monday + day, validFor: day };

    assert.equal(pushedRelease(release, { ...releaseInfo("1.4.2"), notes: "again" }, later), release);
    assert.equal(pushedRelease(release, releaseInfo("1.4.2+build.9", "1.4.2"), later), release);
    assert.equal(indexWith(index, release, later), index);
  });

  test("that was cut off before the index is ended by the same push again, as if it had not been", () => {
    const release = pushedRelease(undefined, releaseInfo("1.4.2"), publication);
    const later = { ...publication, by: "bob@ci", created: monday + day };

    const again = pushedRelease(release, releaseInfo("1.4.2"), later);

    assert.deepEqual(indexWith(undefined, again, later).versions, indexWith(undefined, release, publication).versions);
  });

  test("of other content under a version that is there is refused, however it is written", () => {
    const release = pushedRelease(undefined, releaseInfo("1.4.0"), publication);
    const index = indexWith(undefined, release, publication);
    const taken = withCode("version-taken", /1\.4\.0 of "web" is there already .*ann@laptop at 2026-11-23T00:00:00Z/);

    for (const version of ["1.4.0", "1.4", "1.4.0+hotfix"]) {
      assert.throws(() => pushedRelease(release, releaseInfo(version, "other"), publication), taken);
      assert.throws(() => push(index, version, "other"), taken);
    }
    const [file, renamed] = ["a.jar", "b.jar"].map((name) => artifact("x", { format: "file", name }));
    const named = pushedRelease(undefined, { version: "2", artifact: file! }, publication);
    assert.throws(
      () => pushedRelease(named, { version: "2", artifact: renamed! }, publication),
      withCode("version-taken"),
    );
    push(index, "1.4.0-rc.1", "other");
  });

  test("of the same content under another version is another version", () => {
    const index = push(push(undefined, "1.4.2", "same"), "1.4.3", "same");

    assert.deepEqual(
      index.versions.map(({ version }) => version),
      ["1.4.2", "1.4.3"],
    );
    assert.equal(index.sequence, 2);
  });

  test("never lets a release document expire, for nobody signs it again", () => {
    const release = pushedRelease(undefined, releaseInfo(), { ...publication, validFor: 30 * day });

    assert.equal(release.expires, undefined);
  });
});

describe("a yank", () => {
  const index = indexDocument(["1.4.1", "1.4.2"]);
  const reason = "it loses mail";

  test("marks the version, and ranges pass over it", () => {
    const yanked = yankedIn(index, { version: "1.4.2", reason }, [], publication);

    assert.deepEqual(entryFor(yanked, "1.4.2")?.yanked, { at: monday, by: "ann@laptop", reason });
    assert.equal(yanked.sequence, index.sequence + 1);
    assert.equal(chosenVersion(parseRange("~> 1.4"), yanked, "x").version, "1.4.1");
    encodeDocument(yanked, "x");
  });

  test("again changes nothing, and the first reason stays", () => {
    const yanked = yankedIn(index, { version: "1.4.2", reason }, [], publication);

    assert.equal(yankedIn(yanked, { version: "1.4.2+1", reason: "other" }, [], publication), yanked);
  });

  test("is refused while a channel points at it, and for what is not there", () => {
    const channels = [channelDocument(), channelDocument({ channel: "beta", release: releaseInfo("1.4.1") })];

    assert.throws(
      () => yankedIn(index, { version: "1.4.2", reason }, channels, publication),
      withCode("version-in-channel", /\(stable\)/),
    );
    assert.throws(() => yankedIn(index, { version: "9", reason }, channels, publication), withCode("version-unknown"));
    assert.throws(() => yankedIn(undefined, { version: "9", reason }, [], publication), withCode("version-unknown"));
  });

  test("of all that a range holds leaves nothing to choose, and says so", () => {
    const none = yankedIn(
      yankedIn(index, { version: "1.4.1", reason }, [], publication),
      { version: "1.4.2", reason },
      [],
      publication,
    );

    assert.throws(() => chosenVersion(parseRange("~> 1.4"), none, "s3://b/web/index"), withCode("range-unmet", /s3:/));
  });
});
