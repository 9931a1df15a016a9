import { end, entry, file, folder, gnuLongName, link, pax, record, tarOf } from "./tar-writer.ts";

export interface Hostile {
  readonly name: string;
  readonly code: string;
  readonly bytes: Buffer;
}

const many = (count: number, make: (index: number) => ReturnType<typeof file>) =>
  Array.from({ length: count }, (_, index) => make(index));
const good = entry(file("good"));
const cut = (bytes: Buffer, by: number) => bytes.subarray(0, bytes.length - by);

function of(code: string, cases: Readonly<Record<string, Buffer>>): Hostile[] {
  return Object.entries(cases).map(([name, bytes]) => ({ name, code, bytes }));
}

const path = of("archive-unsafe-path", {
  "a name that goes up": tarOf(file("../evil")),
  "a name that goes up inside": tarOf(file("a/../../evil")),
  "a name that goes up and comes back": tarOf(file("a/../b")),
  "a name that is ..": tarOf(folder("..")),
  "an absolute name": tarOf(file("/tmp/dropship-evil")),
  "an absolute folder": tarOf(folder("/")),
  "an absolute name behind ./": tarOf(file(".//tmp/dropship-evil")),
  "a name of two slashes": tarOf(file("a//b")),
  "a dot inside a name": tarOf(file("a/./b")),
  "a drive": tarOf(file("C:/evil")),
  "a drive-relative name": tarOf(file("c:evil")),
  "a backslash": tarOf(file("..\\evil")),
  "an empty pax-less name": tarOf(file("")),
  "a name that is not UTF-8": tarOf({ name: Buffer.from([0x61, 0xff, 0x62]), body: "x" }),
  "an overlong UTF-8 slash": tarOf({ name: Buffer.from([0x2e, 0x2e, 0xc0, 0xaf, 0x61]), body: "x" }),
  "a component of 256 bytes": tarOf(gnuLongName("x".repeat(256)), file("short")),
  "a component of 256 bytes in few letters": tarOf(gnuLongName("ü".repeat(128)), file("short")),
  "a name of 4096 bytes": tarOf(gnuLongName(`${"x".repeat(200)}/`.repeat(20) + "y".repeat(76)), file("short")),
  "a pax path that goes up": tarOf(pax({ path: "../evil" }), file("good")),
  "an absolute pax path": tarOf(pax({ path: "/tmp/dropship-evil" }), file("good")),
  "a GNU long name that goes up": tarOf(gnuLongName("../evil"), file("good")),
  "a prefix that goes up": tarOf({ ...file("evil"), prefix: ".." }),
  "an absolute prefix": tarOf({ ...file("evil"), prefix: "/tmp" }),
});

const linkCases = of("archive-unsafe-link", {
  "a link to an absolute path": tarOf(link("a", "/etc/passwd")),
  "a link that goes up": tarOf(link("a", "../evil")),
  "a link that goes up from deep": tarOf(link("a/b/c", "../../../evil")),
  "a link that leaves and comes back": tarOf(link("a", "../folder/b")),
  "a link with a drive": tarOf(link("a", "C:/evil")),
  "a link with a backslash": tarOf(link("a", "..\\evil")),
  "a link to nothing": tarOf(link("a", "")),
  "a pax link that goes up": tarOf(pax({ linkpath: "../evil" }), link("a", "good")),
  "a GNU long link that goes up": tarOf(gnuLongName("../evil", "K"), link("a", "good")),
  "a write through a link": tarOf(link("a", "b"), folder("b"), file("a/evil")),
  "a folder through a link": tarOf(link("a", "."), folder("a/b")),
  "a write through a link of another case": tarOf(link("a", "b"), folder("b"), file("A/evil")),
  "a link through a link": tarOf(folder("d"), link("d/up", ".."), link("escape", "d/up/..")),
  "a link through a later link": tarOf(link("escape", "d/up/.."), folder("d"), link("d/up", "..")),
  "a link whose way leaves and comes back": tarOf(folder("d"), link("d/up", "."), link("a", "d/up/../../folder/d")),
  "a link to itself": tarOf(link("a", "a")),
  "links in a circle": tarOf(link("a", "b/x"), link("b", "c"), link("c", "a")),
  "a link through 41 links": tarOf(
    folder("d"),
    link("l0", "d"),
    ...many(41, (index) => link(`l${index + 1}`, `l${index}`)),
  ),
  "a link to a link that goes up": tarOf(link("a", "b"), link("b", "../evil")),
  "a target in too many folders": tarOf(gnuLongName("d/".repeat(70), "K"), link("a", "d")),
  "a link through a link of another case": tarOf(folder("d"), link("d/up", ".."), link("escape", "d/UP/x")),
});

const forbidden = of("archive-forbidden-entry", {
  "a hard link": tarOf(file("a"), { name: "b", type: "1", target: "a" }),
  "a hard link to outside": tarOf({ name: "b", type: "1", target: "/etc/passwd" }),
  "a hard link that goes up": tarOf({ name: "b", type: "1", target: "../evil" }),
  "a hard link to a link": tarOf(link("a", "x"), { name: "b", type: "1", target: "a" }),
  "a character device": tarOf({ name: "null", type: "3" }),
  "a block device": tarOf({ name: "sda", type: "4" }),
  "a FIFO": tarOf({ name: "pipe", type: "6" }),
  "a contiguous file": tarOf({ name: "c", type: "7" }),
  "a GNU sparse file": tarOf({ name: "s", type: "S", magic: "ustar  \0" }),
  "a GNU multi-volume part": tarOf({ name: "m", type: "M", magic: "ustar  \0" }),
  "a GNU volume label": tarOf({ name: "v", type: "V", magic: "ustar  \0" }),
  "a GNU dump folder": tarOf({ name: "d", type: "D", magic: "ustar  \0" }),
  "a Solaris ACL": tarOf({ name: "a", type: "A" }),
  "an unknown type": tarOf({ name: "z", type: "Z" }),
  "a type that is a control character": tarOf({ name: "z", type: "\x1b" }),
});

const collision = of("archive-collision", {
  "one file twice": tarOf(file("a"), file("a")),
  "one file twice, once with ./": tarOf(file("a"), file("./a")),
  "names that differ by case": tarOf(file("readme"), file("README")),
  "folders that differ by case": tarOf(file("lib/a"), file("LIB/b")),
  "NFC and NFD of one name": tarOf(file("caf\u00e9"), file("cafe\u0301")),
  "a ligature and its letters": tarOf(file("\ufb01le"), file("file")),
  "a sharp s and its capitals": tarOf(file("stra\u00dfe"), file("STRASSE")),
  "a name with an invisible character": tarOf(file("a\u200cb"), file("ab")),
  "a file, then a folder": tarOf(file("a"), folder("a")),
  "a folder, then a file": tarOf(folder("a"), file("a")),
  "a file, then something below it": tarOf(file("a"), file("a/b")),
  "a folder that nobody named, then a file": tarOf(file("a/b"), file("a")),
  "a folder, then a link": tarOf(folder("a"), link("a", "b")),
  "a file, then a link": tarOf(file("a"), link("a", "b")),
  "a link, then a file": tarOf(link("a", "b"), file("a")),
  "a link, then a folder": tarOf(link("a", "b"), folder("a")),
});

const zeros = "0".repeat(11);
const malformed = of("archive-malformed", {
  "a wrong checksum": tarOf(good, { ...file("a"), checksum: "000000\0 " }),
  "a checksum of letters": tarOf(good, { ...file("a"), checksum: "abcdef\0 " }),
  "an unknown magic": tarOf(good, { ...file("a"), magic: "uSTAR\x0000" }),
  "no end": good,
  "one empty block at the end": Buffer.concat([good, Buffer.alloc(512)]),
  "an empty block between entries": Buffer.concat([good, Buffer.alloc(512), entry(file("b")), end]),
  "bytes after the end": Buffer.concat([tarOf(good), Buffer.from("x".repeat(512))]),
  "a few bytes after the end": Buffer.concat([tarOf(good), Buffer.from("x")]),
  "a second archive": Buffer.concat([tarOf(good), tarOf(file("b"))]),
  "cut in a header": cut(good, 700),
  "cut in a body": Buffer.concat([good, cut(entry(file("b", "x".repeat(5000))), 2000)]),
  "cut in the padding": Buffer.concat([good, cut(entry(file("b")), 100)]),
  "a size with a minus": tarOf(good, { ...file("a"), size: "-0000000001\0" }),
  "a negative base-256 size": tarOf(good, { ...file("a"), size: Buffer.alloc(12, 0xff) }),
  "a base-256 size beyond 2^53": tarOf(good, {
    ...file("a"),
    size: Buffer.from([0x80, 0, 0, 0, 0x7f, 1, 1, 1, 1, 1, 1, 1]),
  }),
  "a size of letters": tarOf(good, { ...file("a"), size: "abc\0" }),
  "a size with an 8": tarOf(good, { ...file("a"), size: "00000000008\0" }),
  "no size": tarOf(good, { ...file("a"), size: Buffer.alloc(12) }),
  "a folder with a size": tarOf(good, { ...folder("d"), body: "hidden" }),
  "a link with a size": tarOf(good, { ...link("d", "good"), body: "hidden" }),
  "a file with a link target": tarOf(good, { ...file("a"), target: "good" }),
  "bytes after the NUL of a name": tarOf(good, file("a\0evil")),
  "a pax size smaller than the header's": tarOf(pax({ size: "0" }), file("a", entry(file("../evil")))),
  "a pax size larger than the header's": tarOf(pax({ size: "1024" }), { ...file("a"), size: `${zeros}\0` }),
  "a pax size with a minus": tarOf(pax({ size: "-1" }), file("a")),
  "a pax size of letters": tarOf(pax({ size: "0x10" }), file("a")),
  "a pax size beyond 2^53": tarOf(pax({ size: "9999999999999999" }), file("a")),
  "a pax header for a pax header": tarOf(pax({ size: "512" }), pax({ path: "b" }), file("a")),
  "a pax header for a GNU long name": tarOf(pax({ size: "512" }), gnuLongName("b"), file("a")),
  "a pax header for a global header": tarOf(pax({ comment: "x" }), pax({ comment: "y" }, "g"), file("a")),
  "a GNU long name for a pax header": tarOf(gnuLongName("b"), pax({ path: "c" }), file("a")),
  "two GNU long names": tarOf(gnuLongName("b"), gnuLongName("c"), file("a")),
  "a pax header at the end": tarOf(good, pax({ path: "b" })),
  "a GNU long name at the end": tarOf(good, gnuLongName("b")),
  "an empty pax header": tarOf({ name: "pax", type: "x" }, file("a")),
  "a global path": tarOf(pax({ path: "b" }, "g"), file("a")),
  "a global size": tarOf(pax({ size: "0" }, "g"), file("a")),
  "a pax path with a NUL": tarOf(pax({ path: "a\0b" }), file("a")),
  "an empty pax path": tarOf(pax({ path: "" }), file("a")),
  "a pax path twice": tarOf({ name: "pax", type: "x", body: record("path", "a") + record("path", "b") }, file("a")),
  "a pax record that is too long": tarOf({ name: "pax", type: "x", body: "99 path=a\n" }, file("a")),
  "a pax record that is too short": tarOf({ name: "pax", type: "x", body: "5 path=a\n" }, file("a")),
  "a pax record without a length": tarOf({ name: "pax", type: "x", body: "path=a\n" }, file("a")),
  "a pax record with a zero before its length": tarOf({ name: "pax", type: "x", body: "010 path=a\n" }, file("a")),
  "a pax record without =": tarOf({ name: "pax", type: "x", body: "8 path\n\n" }, file("a")),
  "a pax record without a line end": tarOf({ name: "pax", type: "x", body: "9 path=ab" }, file("a")),
  "a pax record followed by zeros": tarOf({ name: "pax", type: "x", body: `${record("path", "a")}\0\0` }, file("a")),
  "a sparse file by pax": tarOf(pax({ "GNU.sparse.major": "1" }), file("a")),
  "a sparse file by its real size": tarOf(pax({ "SCHILY.realsize": "9" }), file("a")),
  "a pax header in another charset": tarOf(pax({ hdrcharset: "BINARY" }), file("a")),
  "an unknown pax keyword": tarOf(pax({ linkname: "b" }), file("a")),
  "a GNU long name without NUL": tarOf({ name: "l", type: "L", body: "abc" }, file("a")),
  "a GNU long name with a NUL inside": tarOf(gnuLongName("a\0b"), file("a")),
});

const deep = `${"d/".repeat(64)}f`;
const large = of("archive-too-large", {
  "more entries than allowed": tarOf(...many(101, (index) => file(`f${index}`, ""))),
  "more folders than allowed that nobody named": tarOf(...many(60, (index) => file(`d${index}/f`, ""))),
  "more folders in folders than allowed": tarOf(gnuLongName(deep), file("x")),
  "more bytes than allowed": tarOf(file("a", Buffer.alloc(70_000)), file("b", Buffer.alloc(70_000))),
  "a huge size": tarOf({ ...file("a"), size: "77777777777\0" }),
  "a huge base-256 size": tarOf({
    ...file("a"),
    size: Buffer.from([0x80, 0, 0, 0, 0, 0x1f, 255, 255, 255, 255, 255, 255]),
  }),
  "a pax header of 2 MiB": tarOf(pax({ comment: "x".repeat(2 * 1024 ** 2) }), file("a")),
  "a GNU long name of 2 MiB": tarOf(gnuLongName("x".repeat(2 * 1024 ** 2)), file("a")),
});

/** Limits for the corpus: small, so that the archives that break them can be small. */
export const tightLimits = { unpackedSize: 100_000, entries: 100, depth: 64, ratio: 200 };

export const hostileTars: readonly Hostile[] = [
  ...path,
  ...linkCases,
  ...forbidden,
  ...collision,
  ...malformed,
  ...large,
];
