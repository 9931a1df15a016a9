import { crc32, deflateRawSync } from "node:zlib";

/** One zip entry; what is not given is what a good writer would say. */
export interface ZipPiece {
  readonly name: string | Buffer;
  readonly body?: string | Buffer;
  /** Unix mode with its type bits. */
  readonly mode?: number;
  readonly method?: number;
  readonly flags?: number;
  readonly localName?: string;
  readonly statedSize?: number;
  readonly checksum?: number;
  readonly extra?: Buffer;
  /** Points the central header at this local header instead. */
  readonly offset?: number;
}

export function zipOf(...pieces: readonly ZipPiece[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let position = 0;
  for (const piece of pieces) {
    const body = Buffer.from(piece.body ?? "");
    const method = piece.method ?? 8;
    const packed = method === 8 ? deflateRawSync(body) : body;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(piece.flags ?? 0x800, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(piece.checksum ?? crc32(body), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(piece.statedSize ?? body.length, 18);
    common.writeUInt16LE(piece.extra?.length ?? 0, 24);
    const local = headed(common, Buffer.from(piece.localName ?? piece.name), piece.extra);
    centrals.push(central(piece, common, piece.offset ?? position));
    locals.push(local, packed);
    position += local.length + packed.length;
  }
  const directory = Buffer.concat(centrals);
  const tail = Buffer.alloc(22);
  tail.writeUInt32LE(0x06054b50, 0);
  tail.writeUInt16LE(pieces.length, 8);
  tail.writeUInt16LE(pieces.length, 10);
  tail.writeUInt32LE(directory.length, 12);
  tail.writeUInt32LE(position, 16);
  return Buffer.concat([...locals, directory, tail]);
}

function headed(common: Buffer, name: Buffer, extra: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(0x04034b50);
  const own = Buffer.from(common);
  own.writeUInt16LE(name.length, 22);
  return Buffer.concat([header, own, name, extra]);
}

function central(piece: ZipPiece, common: Buffer, offset: number): Buffer {
  const name = Buffer.from(piece.name);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE((3 << 8) | 20, 4);
  common.copy(header, 6, 0, 26);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(((piece.mode ?? 0o100644) << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name, piece.extra ?? Buffer.alloc(0)]);
}
