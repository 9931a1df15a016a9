import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { ChannelDocument } from "../../../src/domain/publishing/documents.ts";
import { pruned } from "../../../src/domain/publishing/prune-rules.ts";
import { entryFor } from "../../../src/domain/publishing/version-rules.ts";
import { artifact, channelDocument, entry, indexDocument, monday, releaseInfo } from "./fixture.ts";
import { publication } from "./publications.ts";

describe("pruning", () => {
  const versions = ["1.0", "1.1", "1.2", "1.3", "1.4"];
  const index = indexDocument(versions);
  const prune = (keep: number, channels: readonly ChannelDocument[] = [], one = index) => {
    const { index: left, removed, artifacts } = pruned(one, channels, keep, publication);
    return {
      left: left.versions.map(({ version }) => version),
      removed: removed.map(({ version }) => version),
      artifacts,
    };
  };

  test("keeps what was pushed last", () => {
    assert.deepEqual(prune(2), {
      left: ["1.3", "1.4"],
      removed: ["1.0", "1.1", "1.2"],
      artifacts: ["1.0", "1.1", "1.2"].map((version) => artifact(version).key),
    });
    assert.equal(pruned(index, [], 2, publication).index.sequence, index.sequence + 1);
  });

  test("never takes what a channel points at, however the version is written there", () => {
    const channel = channelDocument({ release: { ...releaseInfo("1.1.0"), artifact: artifact("1.1") } });

    assert.deepEqual(prune(1, [channel]).left, ["1.1", "1.4"]);
  });

  test("of what is few changes nothing", () => {
    assert.equal(pruned(index, [], 5, publication).index, index);
    assert.equal(pruned(index, [], 500, publication).index, index);
    assert.equal(pruned(indexDocument([]), [], 1, publication).removed.length, 0);
  });

  test("keeps at least one", () => {
    assert.deepEqual(prune(0).left, ["1.4"]);
  });

  test("counts those that can be used: yanked ones are not what is kept for a rollback", () => {
    const yanked = { at: monday, by: "ann", reason: "bad" };
    const some = indexDocument(["1.0", "1.1", "1.2", entry("1.3", { yanked }), "1.4"]);

    assert.deepEqual(prune(2, [], some).left, ["1.2", "1.3", "1.4"]);
    assert.deepEqual(prune(1, [], indexDocument([entry("1.0", { yanked }), entry("1.1", { yanked })])).left, [
      "1.0",
      "1.1",
    ]);
  });

  test("leaves content alone that another version or a channel shares", () => {
    const { key, sha256 } = artifact("1.4");
    const shared = indexDocument([entry("1.0", { key, sha256 }), "1.1", "1.4"]);

    assert.deepEqual(prune(1, [], shared).artifacts, [artifact("1.1").key]);
    const elsewhere = channelDocument({ release: { ...releaseInfo("7"), artifact: artifact("1.1") } });
    assert.deepEqual(prune(1, [elsewhere], shared).artifacts, []);
  });

  test("whatever was pushed, yanked and promoted: what a channel points at stays, and so does what is kept", () => {
    const flags = fc.array(fc.record({ yanked: fc.boolean(), pointed: fc.boolean(), content: fc.nat(3) }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(flags, fc.integer({ min: 1, max: 6 }), (rows, keep) => {
        const entries = rows.map(({ yanked, content }, place) =>
          entry(`1.${place}`, {
            ...{ key: artifact(`${content}`).key, sha256: artifact(`${content}`).sha256 },
            ...(yanked && { yanked: { at: 1, by: "x", reason: "y" } }),
          }),
        );
        const channels = rows.flatMap(({ pointed, content }, place) =>
          pointed ? [channelDocument({ release: { version: `1.${place}`, artifact: artifact(`${content}`) } })] : [],
        );
        const { index: left, removed, artifacts } = pruned(indexDocument(entries), channels, keep, publication);

        const usable = entries.filter(({ yanked }) => yanked === undefined);
        const kept = new Set(left.versions);
        assert.ok(usable.slice(-keep).every((one) => kept.has(one)));
        assert.ok(channels.every(({ release }) => entryFor(left, release.version) !== undefined));
        assert.ok(removed.every((one) => !kept.has(one)) && removed.length + kept.size === entries.length);
        const needed = [...left.versions.map(({ key }) => key), ...channels.map(({ release }) => release.artifact.key)];
        assert.ok(artifacts.every((key) => !needed.includes(key)));
        assert.ok(removed.every(({ key }) => artifacts.includes(key) || needed.includes(key)));
      }),
      { numRuns: 2000 },
    );
  });
});
