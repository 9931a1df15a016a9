import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeDocument } from "../../../src/domain/publishing/document-text.ts";
import type { Floor } from "../../../src/domain/publishing/sequence.ts";
import { verifyDocument } from "../../../src/domain/publishing/verify-document.ts";
import { channelDocument, court, indexDocument, ours, releaseDocument, signed, theirs, trusting } from "./fixture.ts";
import { index, refused, stable } from "./judged.ts";

describe("faults 35 and 42: an old document comes back", () => {
  const floors: readonly Floor[] = [{ sequence: 8, digest: "x".repeat(64), signedBy: ours.publicKey.number }];
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

  test("two documents under one number: the second one is refused", () => {
    const first = verifyDocument(signed(channelDocument()), stable, court());
    const second = channelDocument({ release: releaseDocument("1.4.3").release });

    refused(signed(second), "document-forked", { floors: [first.floor!] });
    refused(signed(second, theirs), "document-forked", {
      floors: [first.floor!],
      trust: trusting([ours, theirs]),
    });
  });
});

describe("fault 44: a stolen key spends all numbers", () => {
  const floors: readonly Floor[] = [{ sequence: 7, digest: "x".repeat(64), signedBy: ours.publicKey.number }];

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
    const spent: Floor = { sequence: 900_000, digest: "x".repeat(64), signedBy: ours.publicKey.number };
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
