/**
 * Takes out of a 64-bit little-endian ELF program what is not loaded when it runs: symbols, debugging information, comments.
 * What `strip` does, for any processor, and always the same bytes: binutils knows its own processor only, and changes.
 * ELF: gABI, chapters "ELF Header" and "Sections".
 */
export function strip(program: Buffer): Buffer {
  const header = readHeader(program);
  const sections = Array.from({ length: header.count }, (_, at) => section(program, header.table + at * entrySize));
  const names = sections[header.names];
  const firstDropped = sections.findIndex(({ type, flags }) => type !== sectionNull && (flags & allocated) === 0n);
  if (names === undefined || firstDropped < 0) return program;
  const kept = sections.slice(0, firstDropped);
  if (sections.slice(firstDropped).some(({ flags }) => (flags & allocated) !== 0n))
    throw new Error(
      "A section that is loaded stands behind one that is not: this program needs another way to strip it.",
    );
  const loaded = Math.max(header.size, ...kept.map(({ type, offset, size }) => (type === noBits ? 0 : offset + size)));
  const nameBytes = program.subarray(names.offset, names.offset + names.size);
  const table = Math.ceil((loaded + nameBytes.length) / 8) * 8;
  const stripped = Buffer.alloc(table + (kept.length + 1) * entrySize);
  program.copy(stripped, 0, 0, loaded);
  nameBytes.copy(stripped, loaded);
  program.copy(stripped, table, header.table, header.table + kept.length * entrySize);
  const last = table + kept.length * entrySize;
  program.copy(stripped, last, header.table + header.names * entrySize, header.table + (header.names + 1) * entrySize);
  stripped.writeBigUInt64LE(BigInt(loaded), last + 0x18);
  stripped.writeBigUInt64LE(BigInt(table), 0x28);
  stripped.writeUInt16LE(kept.length + 1, 0x3c);
  stripped.writeUInt16LE(kept.length, 0x3e);
  return stripped;
}

const entrySize = 64;
const sectionNull = 0;
const noBits = 8;
const allocated = 2n;

interface Header {
  /** Where the loader's own table ends: never cut. */
  readonly size: number;
  readonly table: number;
  readonly count: number;
  /** Which section holds the names of sections. */
  readonly names: number;
}

function readHeader(program: Buffer): Header {
  if (program.readUInt32BE(0) !== 0x7f454c46 || program[4] !== 2 || program[5] !== 1)
    throw new Error("This is no 64-bit little-endian ELF program.");
  if (program.readUInt16LE(0x3a) !== entrySize) throw new Error("This ELF program has sections of another form.");
  const segments = Number(program.readBigUInt64LE(0x20));
  return {
    size: segments + program.readUInt16LE(0x36) * program.readUInt16LE(0x38),
    table: Number(program.readBigUInt64LE(0x28)),
    count: program.readUInt16LE(0x3c),
    names: program.readUInt16LE(0x3e),
  };
}

function section(program: Buffer, at: number) {
  return {
    type: program.readUInt32LE(at + 4),
    flags: program.readBigUInt64LE(at + 8),
    offset: Number(program.readBigUInt64LE(at + 0x18)),
    size: Number(program.readBigUInt64LE(at + 0x20)),
  };
}
