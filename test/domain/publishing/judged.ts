import assert from "node:assert/strict";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { type Court, type Expectation, verifyDocument } from "../../../src/domain/publishing/verify-document.ts";
import { court } from "./fixture.ts";

export const stable = {
  kind: "channel",
  service: "web",
  channel: "stable",
  object: "s3://b/web/channels/stable",
} as const;
export const version = {
  kind: "release",
  service: "web",
  version: "1.4.2",
  object: "s3://b/web/releases/1.4.2",
} as const;
export const index = { kind: "index", service: "web", object: "s3://b/web/index" } as const;

/** The failure with this code, with which these bytes are refused. */
export function refused(
  bytes: Uint8Array,
  code: string,
  more: Partial<Court> = {},
  expected: Expectation = stable,
): Failure {
  try {
    verifyDocument(bytes, expected, court(more));
  } catch (thrown) {
    assert.ok(thrown instanceof Failure, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    assert.ok(thrown.message.includes(expected.object), "the sentence says which object");
    return thrown;
  }
  throw new Error(`"${code}" was expected, and the document was accepted`);
}
