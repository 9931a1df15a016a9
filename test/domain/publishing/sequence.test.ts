import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeDocument } from "../../../src/domain/publishing/document-text.ts";
import type { Floor } from "../../../src/domain/publishing/sequence.ts";
import { verifyDocument } from "../../../src/domain/publishing/verify-document.ts";
import {
  artifact,
  channelDocument,
  court,
  indexDocument,
  monday,
  ours,
  releaseDocument,
  signed,
  theirs,
  trusting,
} from "./fixture.ts";
import { index, refused, stable, version } from "./judged.ts";

describe("faults 35 and 42: an old document comes back", () => {
  const floors: readonly Floor[] = [{ sequence: 8, content: "x".repeat(64), signedBy: ours.publicKey.number }];
  const older = signed(channelDocument({ sequence: 7 }));

  test("a sequence below the highest seen is refused, as what may pass: a mirror may lag behind", () => {
    const refusal = refused(older, "document-older", { floors });

    assert.match(refusal.message, /sequence 7, but 8 is known/);
    assert.equal(refusal.passing, true);
  });

  test("also where nothing is signed, for a stale answer is no wish to go back", () => {
    refused(encodeDocument(channelDocument(), "x"), "document-older", { floors, trust: undefined });
  });

  test("going back on purpose is another document: an older version under the next number", () => {
    const back = channelDocument({ sequence: 9, release: releaseDocument("1.3.0").release });

    assert.equal(verifyDocument(signed(back), stable, court({ floors })).document.release.version, "1.3.0");
  });

  test("the highest of all floors counts: the host's own, the rollout's, and minSequence", () => {
    const rollout = { sequence: 9 };
    const trust = trusting([ours], { minSequence: 10 });

    assert.match(refused(older, "document-older", { floors: [...floors, rollout] }).message, /but 9 is known/);
    assert.match(refused(older, "document-older", { floors: [rollout], trust }).message, /but 10 is known/);
    assert.match(refused(older, "document-older", { trust }).message, /but 10 is known/);
  });

  test("an index goes back no more than a channel does", () => {
    refused(signed(indexDocument([], { sequence: 2 })), "document-older", { floors: [{ sequence: 3 }] }, index);
  });

  test("two documents under one number: the second one is refused, whoever of those that are trusted signed it", () => {
    const { floor } = verifyDocument(signed(channelDocument()), stable, court());
    const second = channelDocument({ release: releaseDocument("1.4.3").release });

    refused(signed(second), "document-forked", { floors: [floor] });
    refused(signed(second, theirs), "document-forked", { floors: [floor], trust: trusting([ours, theirs]) });
    const first = verifyDocument(signed(indexDocument()), index, court());
    refused(signed(indexDocument(["1.4.1"])), "document-forked", { floors: [first.floor] }, index);
  });

  test("two who promoted the same release at the same moment do no harm", () => {
    const { floor } = verifyDocument(signed(channelDocument()), stable, court());

    verifyDocument(signed(channelDocument({ by: "bob", created: monday })), stable, court({ floors: [floor] }));
  });

  test("what the rollout says of a number is known to this host, too", () => {
    const rollout = { sequence: 7, content: "y".repeat(64) };

    refused(signed(channelDocument()), "document-forked", { floors: [rollout] });
  });
});

describe("a version never changes", () => {
  const other = releaseDocument("1.4.2", { release: { version: "1.4.2", artifact: artifact("other") } });

  test("a release document with other content than was accepted is refused, also where nothing is signed", () => {
    const { floor } = verifyDocument(signed(releaseDocument()), version, court());

    refused(signed(other), "document-changed", { floors: [floor] }, version);
    refused(encodeDocument(other, "x"), "document-changed", { floors: [floor], trust: undefined }, version);
  });

  test("one that was signed anew with the next key is still the same", () => {
    const { floor, message } = verifyDocument(signed(releaseDocument()), version, court());
    const both = trusting([ours, theirs]);

    const accepted = verifyDocument(theirs.sign(message), version, court({ floors: [floor], trust: both }));

    assert.equal(accepted.signedBy, theirs.publicKey.number);
  });

  test("minSequence says nothing of releases, which have no number", () => {
    verifyDocument(signed(releaseDocument()), version, court({ trust: trusting([ours], { minSequence: 10 }) }));
  });
});

describe("fault 44: a stolen key spends all numbers", () => {
  const floors: readonly Floor[] = [{ sequence: 7, content: "x".repeat(64), signedBy: ours.publicKey.number }];

  test("a sequence far beyond the last one is refused, also by a host that knows none", () => {
    const jump = signed(channelDocument({ sequence: 2 ** 53 - 1 }));

    assert.match(refused(jump, "document-jumped", { floors }).message, /far beyond the last known one \(7\)/);
    refused(jump, "document-jumped");
    verifyDocument(signed(channelDocument({ sequence: 1_000_007 })), stable, court({ floors }));
    refused(signed(channelDocument({ sequence: 1_000_008 })), "document-jumped", { floors });
  });

  test("minSequence lets a fleet begin high up, and maxJump is the operator's", () => {
    const high = signed(channelDocument({ sequence: 5_000_001 }));

    verifyDocument(high, stable, court({ trust: trusting([ours], { minSequence: 5_000_000 }) }));
    verifyDocument(high, stable, court({ trust: trusting([ours], { maxJump: 6_000_000 }) }));
    refused(signed(channelDocument({ sequence: 9 })), "document-jumped", {
      floors,
      trust: trusting([ours], { maxJump: 1 }),
    });
  });

  test("who replaces the key is rid of the floor that it left, and of no other one", () => {
    const spent: Floor = { sequence: 900_000, content: "x".repeat(64), signedBy: ours.publicKey.number };
    const fresh = signed(channelDocument({ sequence: 1 }), theirs);

    refused(fresh, "document-older", { floors: [spent], trust: trusting([ours, theirs]) });
    verifyDocument(fresh, stable, court({ floors: [spent], trust: trusting([theirs]) }));
    refused(fresh, "document-older", { floors: [spent, { sequence: 2 }], trust: trusting([theirs]) });
    refused(fresh, "document-older", {
      floors: [spent],
      trust: trusting([theirs], { minSequence: 2 }),
    });
  });

  test("taking the trust block away frees no old document", () => {
    refused(signed(channelDocument({ sequence: 6 })), "document-older", { floors, trust: undefined });
  });
});
