import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { promoted, refreshed } from "../../../src/domain/publishing/channel-rules.ts";
import { encodeDocument } from "../../../src/domain/publishing/document-text.ts";
import type { ChannelDocument, IndexDocument, ReleaseDocument } from "../../../src/domain/publishing/documents.ts";
import { pruned } from "../../../src/domain/publishing/prune-rules.ts";
import {
  entryFor,
  indexWith,
  pushedRelease,
  requireAsListed,
  yankedIn,
} from "../../../src/domain/publishing/version-rules.ts";
import { monday, releaseDocument, releaseInfo } from "./fixture.ts";
import { publication } from "./publications.ts";

test("whatever publishers do, one after the other: numbers only grow, no version changes, and every document can be read", () => {
  const act = fc.record({
    what: fc.constantFrom("push", "promote", "yank", "prune", "refresh"),
    version: fc.constantFrom("1.0", "1.0.0", "1.1", "2.0-rc.1", "2"),
    content: fc.nat(1),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
      const releases = new Map<string, ReleaseDocument>();
      let index: IndexDocument | undefined;
      let channel: ChannelDocument | undefined;
      for (const [time, { what, version, content }] of acts.entries()) {
        const now = { ...publication, created: monday + time };
        const before = { index, channel };
        try {
          const name = `${Number.parseFloat(version)}${version.includes("rc") ? "rc" : ""}`;
          if (what === "push") {
            const release = pushedRelease(releases.get(name), releaseInfo(version, `${content}`), now);
            if (releases.has(name)) assert.equal(release, releases.get(name));
            releases.set(name, release);
            index = indexWith(index, release, now);
          }
          const release = releases.get(name);
          if (what === "promote" && release) channel = promoted(channel, { channel: "stable", release, index }, now);
          if (what === "yank") index = yankedIn(index, { version, reason: "bad" }, channel ? [channel] : [], now);
          if (what === "prune" && index) index = pruned(index, channel ? [channel] : [], 1, now).index;
          if (what === "refresh" && channel) channel = refreshed(channel, now);
        } catch (thrown) {
          assert.match((thrown as { code: string }).code, /^version-(taken|unknown|yanked|in-channel)$/);
        }
        for (const one of ["index", "channel"] as const) {
          const [old, next] = [before[one], { index, channel }[one]];
          if (next === old) continue;
          assert.equal(next!.sequence, (old?.sequence ?? 0) + 1);
          encodeDocument(next!, "x");
        }
        if (channel)
          requireAsListed(
            entryFor(index!, channel.release.version)!,
            { ...releaseDocument(), release: channel.release },
            "x",
          );
      }
    }),
    { numRuns: 1500 },
  );
});
