import type { Hostile } from "./hostile-tars.ts";
import { type ZipPiece, zipOf } from "./zip-writer.ts";

const file = (name: string, body: string | Buffer = "content"): ZipPiece => ({ name, body });
const folder = (name: string): ZipPiece => ({ name, mode: 0o040755, method: 0 });
const link = (name: string, target: string): ZipPiece => ({ name, body: target, mode: 0o120777 });
const many = (count: number, make: (index: number) => ZipPiece) => Array.from({ length: count }, (_, i) => make(i));
const good = zipOf(file("good"));

function of(code: string, cases: Readonly<Record<string, Buffer>>): Hostile[] {
  return Object.entries(cases).map(([name, bytes]) => ({ name, code, bytes }));
}

/** An extra field that claims another name. */
const otherName = Buffer.concat([Buffer.from([0x75, 0x70, 9, 0, 1, 0, 0, 0, 0]), Buffer.from("evil")]);

export const hostileZips: readonly Hostile[] = [
  ...of("archive-unsafe-path", {
    "a name that goes up": zipOf(file("../evil")),
    "a name that goes up inside": zipOf(file("a/../../evil")),
    "an absolute name": zipOf(file("/tmp/dropship-evil")),
    "a drive": zipOf(file("C:/evil")),
    "a backslash": zipOf(file("..\\evil")),
    "an empty name": zipOf(file("")),
    "a NUL in a name": zipOf(file("a\0b")),
    "a name that is not UTF-8": zipOf({ name: Buffer.from([0x61, 0xff]), body: "x" }),
    "a component of 256 bytes": zipOf(file("x".repeat(256))),
    "a name of 4096 bytes": zipOf(file(`${"x".repeat(200)}/`.repeat(20) + "y".repeat(76))),
  }),
  ...of("archive-unsafe-link", {
    "a link to an absolute path": zipOf(link("a", "/etc/passwd")),
    "a link that goes up": zipOf(link("a", "../evil")),
    "a link to nothing": zipOf(link("a", "")),
    "a write through a link": zipOf(link("a", "b"), folder("b/"), file("a/evil")),
    "a link through a link": zipOf(folder("d/"), link("d/up", ".."), link("escape", "d/up/..")),
  }),
  ...of("archive-forbidden-entry", {
    "a FIFO": zipOf({ name: "pipe", mode: 0o010644 }),
    "a character device": zipOf({ name: "null", mode: 0o020644 }),
    "a block device": zipOf({ name: "sda", mode: 0o060644 }),
    "a socket": zipOf({ name: "socket", mode: 0o140644 }),
    "an encrypted entry": zipOf({ ...file("a"), flags: 0x801 }),
    "a masked central directory": zipOf({ ...file("a"), flags: 0x2801 }),
    "patched data": zipOf({ ...file("a"), flags: 0x820 }),
    "an unknown method": zipOf({ ...file("a"), method: 12 }),
  }),
  ...of("archive-collision", {
    "one file twice": zipOf(file("a"), file("a")),
    "names that differ by case": zipOf(file("readme"), file("README")),
    "NFC and NFD of one name": zipOf(file("caf\u00e9"), file("cafe\u0301")),
    "a file, then something below it": zipOf(file("a"), file("a/b")),
    "a folder, then a file": zipOf(folder("a/"), file("a")),
    "a link, then a file": zipOf(link("a", "b"), file("a")),
  }),
  ...of("archive-malformed", {
    "two headers that differ in the name": zipOf({ ...file("a"), localName: "b" }),
    "an extra field with another name": zipOf({ ...file("good"), extra: otherName }),
    "a wrong checksum": zipOf({ ...file("a"), checksum: 1 }),
    "a size that is too small": zipOf({ ...file("a", "x".repeat(100)), statedSize: 10 }),
    "a size that is too large": zipOf({ ...file("a"), statedSize: 1000 }),
    "two entries that share their bytes": zipOf(file("a"), { ...file("a2"), offset: 0, localName: "a" }),
    "two entries of one name that share their bytes": zipOf(file("a"), { ...file("a"), offset: 0 }),
    "a folder with content": zipOf({ name: "d/", mode: 0o040755, body: "hidden" }),
    "a folder without slash": zipOf({ name: "d", mode: 0o040755 }),
    "a file with a slash": zipOf({ name: "d/", mode: 0o100644 }),
    "two archives behind each other": Buffer.concat([good, good]),
    "a link target of 5000 bytes": zipOf(link("a", "x".repeat(5000))),
  }),
  ...of("archive-corrupt", {
    "bytes after the end": Buffer.concat([good, Buffer.from("x")]),
    "two different archives behind each other": Buffer.concat([good, zipOf(file("other"), file("more"))]),
    "cut in the end record": good.subarray(0, good.length - 5),
    "no end record": good.subarray(0, 40),
    "a stored size that differs": zipOf({ ...file("a"), method: 0, statedSize: 3 }),
  }),
  ...of("archive-too-large", {
    "more entries than allowed": zipOf(...many(101, (index) => file(`f${index}`, ""))),
    "more bytes than allowed": zipOf(file("a", Buffer.alloc(70_000)), file("b", Buffer.alloc(70_000))),
    "more folders in folders than allowed": zipOf(file(`${"d/".repeat(64)}f`)),
  }),
];
