import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { decodeDocument, encodeDocument } from "../../../src/domain/publishing/document-text.ts";
import { documentKey } from "../../../src/domain/publishing/documents.ts";
import {
  anyDocument,
  artifact,
  bytesOf,
  channelDocument,
  entry,
  indexDocument,
  monday,
  releaseDocument,
  textOf,
  withCode,
} from "./fixture.ts";

const decoded = (document: object) => decodeDocument(bytesOf(`${JSON.stringify(document)}\n`), "s3://b/web/x");

test("a document is read as it was written", () => {
  fc.assert(
    fc.property(anyDocument, (document) => {
      const bytes = encodeDocument(document, "here");

      assert.deepEqual(decodeDocument(bytes, "here"), document);
      assert.deepEqual(encodeDocument(decodeDocument(bytes, "here"), "here"), bytes);
    }),
    { numRuns: 1000 },
  );
});

test("a document is one line of JSON", () => {
  const text = textOf(encodeDocument(releaseDocument("1.4.2"), "here"));

  assert.match(text, /^\{[^\n]*\}\n$/);
  assert.equal(JSON.parse(text).release.version, "1.4.2");
});

test("fields of a newer version stay, where content is not named by them", () => {
  const release = {
    ...releaseDocument(),
    "deploy-hint": [1],
    release: { ...releaseDocument().release, licence: "MIT" },
  };
  const index = { ...indexDocument([{ ...entry("1"), seen: true } as never]), more: null };

  assert.deepEqual(decoded(release), release);
  assert.deepEqual(decoded(index), index);
});

describe("what is not as it must be is refused, and its place is named:", () => {
  const release = releaseDocument();
  const channel = channelDocument();
  const index = indexDocument();
  const content = (more: object) => ({ ...release, release: { version: "1", artifact: { ...artifact(), ...more } } });
  const cases: readonly (readonly [what: string, document: object, saying: RegExp])[] = [
    ["a newer form", { ...release, format: 2 }, /a newer version of Dropship wrote it \(form 2/],
    ["no form", { ...release, format: undefined }, /format is nothing, not 1/],
    ["another kind", { ...release, kind: "root" }, /kind is "root", not release, channel, index/],
    ["no service", { ...release, service: "" }, /service is "", not one line/],
    ["a service in two lines", { ...release, service: "a\nb" }, /service is "a\\nb", not one line/],
    ["a moment that no date holds", { ...release, created: 1e300 }, /created is 1e\+300, not a whole number/],
    ["a moment before 1970", { ...release, created: -1 }, /created is -1/],
    ["an end before its beginning", { ...release, expires: release.created }, /expires is \d+, not later than created/],
    ["nobody", { ...release, by: undefined }, /by is nothing/],
    ["a long author", { ...release, by: "x".repeat(201) }, /by is .*at most 200/],
    ["no release", { ...release, release: undefined }, /release is nothing, not an object/],
    ["no version", { ...release, release: { version: "v1" } }, /release\.version is "v1", not a version \(leave out/],
    ["notes without end", { ...release, release: { ...release.release, notes: "x".repeat(20_000) } }, /release\.notes/],
    ["a digest of another length", content({ sha256: "ab" }), /release\.artifact\.sha256 is "ab", not 64/],
    ["a digest in capitals", content({ sha256: artifact().sha256.toUpperCase() }), /release\.artifact\.sha256/],
    ["half a byte", content({ length: 1.5 }), /release\.artifact\.length is 1\.5, not a whole number from 0/],
    ["a negative length", content({ length: -1 }), /release\.artifact\.length/],
    ["a negative unpacked size", content({ unpacked: -1 }), /release\.artifact\.unpacked/],
    ["no count of entries", content({ entries: undefined }), /release\.artifact\.entries is nothing/],
    ["a format that is a path", content({ format: "../tar" }), /release\.artifact\.format is "\.\.\/tar"/],
    [
      "a key outside of its folder",
      content({ key: "../other/artifacts/x" }),
      /release\.artifact\.key is .* not artifacts\//,
    ],
    ["a key of other content", content({ key: artifact("b").key }), /release\.artifact\.key/],
    ["a key with another ending", content({ key: `${artifact().key}/..` }), /release\.artifact\.key/],
    ["what is not known of content", content({ hooks: "x" }), /release\.artifact\.hooks is "x", not known/],
    ["an archive with a name", content({ name: "app" }), /release\.artifact\.name is "app", not missing/],
    ["a file without a name", content(artifact("a", { format: "file" })), /release\.artifact\.name is nothing/],
    [
      "a file named as a path",
      content(artifact("a", { format: "file", name: "../x" })),
      /name is "\.\.\/x", not the name/,
    ],
    ["a file named as its folder", content(artifact("a", { format: "file", name: ".." })), /name is "\.\."/],
    ["a channel without a name", { ...channel, channel: "" }, /channel is "", not the name of a channel/],
    ["a channel that is a path", { ...channel, channel: "../index" }, /channel is "\.\.\/index"/],
    ["sequence 0", { ...channel, sequence: 0 }, /sequence is 0, not a whole number from 1/],
    ["a sequence beyond all numbers", { ...channel, sequence: 2 ** 53 }, /sequence is 9007199254740992/],
    ["a sequence in words", { ...channel, sequence: "7" }, /sequence is "7"/],
    ["no list of versions", { ...index, versions: {} }, /versions is \{\}, not a list/],
    [
      "a version twice",
      indexDocument(["1.4", "2", "1.4.0+5"]),
      /versions\[2\]\.version is "1\.4\.0\+5", not new \(see \[0\]\)/,
    ],
    [
      "an entry without a date",
      { ...index, versions: [{ ...entry("1"), created: null }] },
      /versions\[0\]\.created is null/,
    ],
    [
      "taken back by nobody",
      { ...index, versions: [{ ...entry("1"), yanked: { at: 1 } }] },
      /versions\[0\]\.yanked\.by/,
    ],
    ["a list", [1], /the document is \[1\], not an object/],
  ];
  for (const [what, document, saying] of cases) {
    test(what, () => {
      assert.throws(
        () => decoded(document),
        (thrown) => {
          assert.match((thrown as Error).message, /^The document s3:\/\/b\/web\/x cannot be read: /);
          return withCode("document-unreadable", saying)(thrown);
        },
      );
      if (!Array.isArray(document)) {
        assert.throws(() => encodeDocument(document as never, "there"), withCode("document-unwritable"));
      }
    });
  }

  const texts: readonly (readonly [what: string, bytes: Uint8Array, saying: RegExp])[] = [
    ["nothing at all", bytesOf(""), /not JSON/],
    ["no end of the line", bytesOf(JSON.stringify(release)), /may have been cut/],
    ["two documents", bytesOf(`${JSON.stringify(release)}\n${JSON.stringify(release)}\n`), /not JSON/],
    ["bytes that are no text", Uint8Array.from([0x7b, 0xff, 0x7d]), /not UTF-8/],
    ["a million brackets", bytesOf("[".repeat(100_000) + "]".repeat(100_000)), /nested more than 32/],
    ["deep nesting", bytesOf(`{"a":${"[".repeat(60)}${"]".repeat(60)}}\n`), /nested more than 32/],
  ];
  for (const [what, bytes, saying] of texts) {
    test(what, () => assert.throws(() => decodeDocument(bytes, "x"), withCode("document-unreadable", saying)));
  }
});

test("an index that would become too long is not written, and the sentence says how to make room", () => {
  const versions = Array.from({ length: 1500 }, (_, place) => `1.0.${place}`);

  assert.throws(
    () => encodeDocument(indexDocument(versions), "s3://b/web/index"),
    (thrown) =>
      withCode("document-full", /more than the 260864 allowed/)(thrown) && /prune/.test((thrown as Failure).remedy),
  );
  assert.ok(
    encodeDocument(indexDocument(versions.slice(0, 700)), "x").length < 256 * 1024,
    "seven hundred versions fit",
  );
});

test("random JSON is read or refused, and nothing else", () => {
  const fields = fc.dictionary(
    fc.constantFrom(
      "format",
      "kind",
      "service",
      "created",
      "by",
      "release",
      "versions",
      "sequence",
      "channel",
      "__proto__",
    ),
    fc.oneof(fc.jsonValue(), fc.constantFrom(1, "release", "channel", "index", "web", monday, [])),
  );
  fc.assert(
    fc.property(fc.oneof(fields, fc.jsonValue()), (value) => {
      try {
        decodeDocument(bytesOf(`${JSON.stringify(value)}\n`), "x");
      } catch (thrown) {
        assert.ok(thrown instanceof Failure && thrown.code === "document-unreadable", String(thrown));
      }
    }),
    { numRuns: 3000 },
  );
});

test("a field of any document may be anything: it is read or refused, and nothing else", () => {
  const strange = fc.oneof(fc.jsonValue(), fc.constantFrom(-0, 1e308, "\u0000", "../..", "constructor"));
  fc.assert(
    fc.property(anyDocument, fc.nat(), strange, (document, place, value) => {
      const paths = pathsIn(document);
      const changed = structuredClone(document) as unknown as Record<string, unknown>;
      put(changed, paths[place % paths.length]!, value);
      try {
        decodeDocument(bytesOf(`${JSON.stringify(changed)}\n`), "x");
      } catch (thrown) {
        assert.ok(thrown instanceof Failure && thrown.code === "document-unreadable", String(thrown));
      }
    }),
    { numRuns: 3000 },
  );
});

type Path = readonly (string | number)[];

function pathsIn(value: unknown, before: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [before];
  const inner = Object.entries(value).flatMap(([name, one]) => pathsIn(one, [...before, name]));
  return before.length === 0 ? inner : [before, ...inner];
}

function put(target: Record<string, unknown>, [name, ...rest]: Path, value: unknown): void {
  if (rest.length === 0) target[name as string] = value;
  else put(target[name as string] as Record<string, unknown>, rest, value);
}

test("each document has its place below the path of the artifact, one for all ways to write a version", () => {
  assert.equal(documentKey({ kind: "release", version: "1.4+5" }), "releases/1.4.0");
  assert.equal(documentKey({ kind: "channel", channel: "stable" }), "channels/stable");
  assert.equal(documentKey({ kind: "index" }), "index");
  assert.throws(() => documentKey({ kind: "release", version: "../x" }), withCode("version-invalid"));
});
