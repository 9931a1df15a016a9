import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeDocument } from "../../../src/domain/publishing/document-text.ts";
import { judgeFreshness, soundTime } from "../../../src/domain/publishing/freshness.ts";
import { verifyDocument } from "../../../src/domain/publishing/verify-document.ts";
import {
  channelDocument,
  court,
  day,
  indexDocument,
  monday,
  ours,
  releaseDocument,
  signed,
  trusting,
  withCode,
} from "./fixture.ts";
import { index, refused, stable, version } from "./judged.ts";

describe("fault 43: the channel does not change any more", () => {
  const expiring = channelDocument({ expires: monday + 10 * day });
  const at = (now: number) => ({ now, built: monday - 100 * day });

  test("after its end a document is refused, to the millisecond", () => {
    verifyDocument(signed(expiring), stable, court({ clock: at(monday + 10 * day - 1) }));

    const { message } = refused(signed(expiring), "document-expired", { clock: at(monday + 10 * day) });
    assert.match(message, /expired at 2026-12-03T00:00:00Z; it is 2026-12-03T00:00:00Z/);
  });

  test("also an unsigned one: its publisher said so", () => {
    const plain = encodeDocument(expiring, "x");
    refused(plain, "document-expired", { trust: undefined, clock: at(monday + 60 * day) });
  });

  test("with maxAge, one that was signed too long ago is refused; a release never is", () => {
    const trust = trusting([ours], { maxAge: 7 * day });

    verifyDocument(signed(channelDocument()), stable, court({ trust, clock: at(monday + 6 * day) }));
    const { message } = refused(signed(channelDocument()), "document-stale", {
      trust,
      clock: at(monday + 6 * day + 1),
    });
    assert.match(message, /signed at 2026-11-22T00:00:00Z, longer ago than the 168h allowed by maxAge/);
    refused(signed(indexDocument()), "document-stale", { trust, clock: at(monday + 30 * day) }, index);
    verifyDocument(signed(releaseDocument()), version, court({ trust, clock: at(monday + 900 * day) }));
  });

  test("who publishes is not asked for the time: what has expired is renewed by them", () => {
    verifyDocument(signed(expiring), stable, court({ clock: undefined, trust: trusting([ours], { maxAge: 1 }) }));
  });

  test("without maxAge and an end of its own, a document is good for ever", () => {
    verifyDocument(signed(channelDocument()), stable, court({ clock: at(monday + 3000 * day) }));
  });

  test("a clock that was set back makes nothing fresh: it is not before this program was built, nor before the last document", () => {
    const built = monday + 20 * day;
    refused(signed(expiring), "document-expired", { clock: { now: 0, built } });
    refused(signed(expiring), "document-expired", { clock: { now: monday, built: 0, lastGood: built } });
    assert.equal(soundTime({ now: 3, built: 2, lastGood: 1 }), 3);
  });

  test("a document that never changes can be judged again from what is remembered of it", () => {
    const { kind, created, expires } = expiring;
    const dated = { kind, created, ...(expires !== undefined && { expires }) };

    judgeFreshness(stable.object, dated, undefined, at(monday));
    assert.throws(
      () => judgeFreshness(stable.object, dated, undefined, at(monday + 60 * day)),
      withCode("document-expired"),
    );
  });

  test("a clock that shows nonsense is no crash, and makes nothing fresh", () => {
    refused(signed(expiring), "document-expired", { clock: at(1e300) });
    refused(signed(expiring), "document-expired", { clock: at(Number.NaN) });
    refused(signed(channelDocument()), "document-stale", {
      clock: at(Number.NaN),
      trust: trusting([ours], { maxAge: day }),
    });
    verifyDocument(signed(channelDocument()), stable, court({ clock: at(Number.NaN) }));
  });
});
