import type { BitReader } from "./bit-reader.ts";

const longestCode = 20;
const groupLength = 50;

/** One way to code symbols by bits (canonical Huffman). */
interface Table {
  readonly shortest: number;
  /** By code length: the largest code, and what to take off a code to get its place in `symbols`. */
  readonly largest: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
}

/**
 * Decodes what follows a bzip2 block's checksum into `block`, the links of the Burrows-Wheeler transform: each element
 * holds a byte in its low bits and the place of the next above it. Returns the first place and the length.
 */
export function readBlock(input: BitReader, block: Uint32Array): { readonly first: number; readonly length: number } {
  if (input.bit()) throw new Error("it is of a version before 0.9.5");
  const origin = input.bits(24);
  const alphabet = readAlphabet(input);
  const tableCount = input.bits(3);
  if (tableCount < 2 || tableCount > 6) throw new Error("it has a wrong number of tables");
  const selectors = readSelectors(input, tableCount);
  const tables = Array.from({ length: tableCount }, () => readTable(input, alphabet.length + 2));
  const length = readSymbols(input, block, alphabet, selectors, tables);
  if (origin >= length) throw new Error("its origin is outside the block");
  link(block, length);
  return { first: (block[origin] ?? 0) >>> 8, length };
}

/** The byte values that occur, in order. */
function readAlphabet(input: BitReader): number[] {
  const used = input.bits(16);
  const alphabet: number[] = [];
  for (let high = 0; high < 16; high += 1) {
    if ((used & (0x8000 >> high)) === 0) continue;
    const row = input.bits(16);
    for (let low = 0; low < 16; low += 1) if ((row & (0x8000 >> low)) !== 0) alphabet.push(high * 16 + low);
  }
  if (alphabet.length === 0) throw new Error("it uses no byte");
  return alphabet;
}

function readSelectors(input: BitReader, tableCount: number): Uint8Array {
  const selectors = new Uint8Array(input.bits(15));
  const order = Array.from({ length: tableCount }, (_, index) => index);
  for (let at = 0; at < selectors.length; at += 1) {
    let rank = 0;
    while (input.bit()) {
      rank += 1;
      if (rank >= tableCount) throw new Error("it selects a table that is not there");
    }
    const [table] = order.splice(rank, 1);
    order.unshift(table ?? 0);
    selectors[at] = table ?? 0;
  }
  return selectors;
}

function readTable(input: BitReader, symbolCount: number): Table {
  const lengths = new Uint8Array(symbolCount);
  let length = input.bits(5);
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    for (;;) {
      if (length < 1 || length > longestCode) throw new Error("it has a code of a wrong length");
      if (!input.bit()) break;
      length += input.bit() ? -1 : 1;
    }
    lengths[symbol] = length;
  }
  return tableOf(lengths);
}

function tableOf(lengths: Uint8Array): Table {
  const largest = new Int32Array(longestCode + 2).fill(-1);
  const base = new Int32Array(longestCode + 2);
  const symbols = new Uint16Array(lengths.length);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= longestCode; length += 1) {
    base[length] = code - place;
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      if (lengths[symbol] !== length) continue;
      symbols[place] = symbol;
      place += 1;
      code += 1;
    }
    if (code > 0) largest[length] = code - 1;
    code *= 2;
  }
  return { shortest: Math.min(...lengths), largest, base, symbols };
}

function readSymbol(input: BitReader, table: Table): number {
  let code = input.bits(table.shortest);
  for (let length = table.shortest; length <= longestCode; length += 1) {
    if (length > table.shortest) code = (code << 1) | input.bits(1);
    if (code <= (table.largest[length] ?? -1)) {
      const symbol = table.symbols[code - (table.base[length] ?? 0)];
      if (symbol === undefined) break;
      return symbol;
    }
  }
  throw new Error("it holds a code that means nothing");
}

/** Undoes the coding of symbols, of runs and move-to-front; returns how many bytes stand in the block. */
function readSymbols(
  input: BitReader,
  block: Uint32Array,
  alphabet: number[],
  selectors: Uint8Array,
  tables: readonly Table[],
): number {
  const front = Uint8Array.from(alphabet);
  const endOfBlock = alphabet.length + 1;
  let length = 0;
  let run = 0;
  let weight = 1;
  for (let count = 0; ; count += 1) {
    const table = tables[selectors[Math.floor(count / groupLength)] ?? -1];
    if (table === undefined) throw new Error("it has too few selectors");
    const symbol = readSymbol(input, table);
    if (symbol <= 1) {
      run += weight << symbol;
      weight *= 2;
      if (run > block.length) throw new Error("it is longer than its stated size");
      continue;
    }
    length = addRun(block, length, run, front[0] ?? 0);
    run = 0;
    weight = 1;
    if (symbol === endOfBlock) return length;
    const byte = front[symbol - 1] as number;
    front.copyWithin(1, 0, symbol - 1);
    front[0] = byte;
    length = addRun(block, length, 1, byte);
  }
}

function addRun(block: Uint32Array, length: number, run: number, byte: number): number {
  if (length + run > block.length) throw new Error("it is longer than its stated size");
  if (run === 1) block[length] = byte;
  else if (run > 0) block.fill(byte, length, length + run);
  return length + run;
}

/** Writes above each byte the place of the one that follows it in the text. */
function link(block: Uint32Array, length: number): void {
  const starts = new Uint32Array(256);
  for (let at = 0; at < length; at += 1)
    starts[(block[at] as number) & 0xff] = (starts[(block[at] as number) & 0xff] as number) + 1;
  let sum = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const count = starts[byte] as number;
    starts[byte] = sum;
    sum += count;
  }
  for (let at = 0; at < length; at += 1) {
    const byte = (block[at] as number) & 0xff;
    const place = starts[byte] as number;
    starts[byte] = place + 1;
    block[place] = ((block[place] as number) & 0xff) | (at << 8);
  }
}
