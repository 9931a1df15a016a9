import { Failure, failure } from "../../../domain/failures/failure.ts";
import { BitReader } from "./bit-reader.ts";
import { readBlock } from "./bzip2-block.ts";
import type { Source } from "./source.ts";

const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const outputSize = 256 * 1024;
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) sum = (sum << 1) ^ (sum < 0 ? 0x04c11db7 : 0);
  return sum >>> 0;
});

/**
 * The bytes of a bzip2 file of any number of streams; nothing may follow the last. Takes 4 MB whatever the file says, as
 * output leaves in pieces: the libraries at hand expand a whole block, up to 46 MB, into an array.
 */
export async function* unbzip2(source: Source): AsyncGenerator<Buffer> {
  try {
    const input = new BitReader(source);
    for (let level = streamLevel(input); level !== undefined; level = streamLevel(input)) {
      yield* stream(input, new Uint32Array(level * 100_000));
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw failure("archive-corrupt", { format: "bzip2", reason }, error);
  }
}

/** The block size of the stream that begins here, in units of 100,000 bytes; undefined when the file ends here. */
function streamLevel(input: BitReader): number | undefined {
  const first = input.alignedByte();
  if (first === undefined) return undefined;
  const level = input.bits(24) - 0x5a6830;
  if (first !== 0x42 || level < 1 || level > 9) throw new Error("something follows its end");
  return level;
}

function* stream(input: BitReader, block: Uint32Array): Generator<Buffer> {
  let combined = 0;
  for (;;) {
    const magic = input.bits(24) * 0x1000000 + input.bits(24);
    const stated = ((input.bits(16) << 16) | input.bits(16)) >>> 0;
    if (magic === endMagic) {
      if (stated !== combined) throw new Error("its content does not match its checksum");
      return;
    }
    if (magic !== blockMagic) throw new Error("a block begins wrongly");
    const { first, length } = readBlock(input, block);
    const sum = yield* text(block, first, length);
    if (sum !== stated) throw new Error("a block does not match its checksum");
    combined = (((combined << 1) | (combined >>> 31)) ^ sum) >>> 0;
  }
}

/** Follows the links through the block and expands runs (four equal bytes, then a count); returns the checksum. */
function* text(block: Uint32Array, first: number, length: number): Generator<Buffer, number> {
  let output = Buffer.allocUnsafe(outputSize);
  let filled = 0;
  let sum = 0xffffffff;
  let place = first;
  let last = -1;
  let equal = 0;
  for (let count = 0; count < length; count += 1) {
    const node = block[place] as number;
    const byte = node & 0xff;
    place = node >>> 8;
    const isCount = equal === 4;
    const copies = isCount ? byte : 1;
    const value = isCount ? last : byte;
    if (isCount) equal = 0;
    else equal = byte === last ? equal + 1 : 1;
    last = isCount ? -1 : byte;
    if (filled + copies > outputSize) {
      yield output.subarray(0, filled);
      output = Buffer.allocUnsafe(outputSize);
      filled = 0;
    }
    output.fill(value, filled, filled + copies);
    filled += copies;
    sum = checksum(sum, value, copies);
  }
  if (filled > 0) yield output.subarray(0, filled);
  return ~sum >>> 0;
}

function checksum(sum: number, value: number, copies: number): number {
  let result = sum;
  for (let copy = 0; copy < copies; copy += 1) {
    result = ((result << 8) ^ (crcTable[(result >>> 24) ^ value] as number)) >>> 0;
  }
  return result;
}
