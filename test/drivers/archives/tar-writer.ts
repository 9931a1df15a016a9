/** The smallest writer that can make every good and every broken header. */
export interface Piece {
  readonly name: string | Buffer;
  readonly type?: string;
  readonly body?: Buffer | string;
  readonly target?: string;
  readonly prefix?: string;
  readonly mode?: string;
  readonly modified?: string;
  /** The size field as it stands; default: the length of the body in octal. */
  readonly size?: string | Buffer;
  readonly magic?: string;
  readonly checksum?: string;
}

const block = 512;

export function entry(piece: Piece): Buffer {
  const body = Buffer.from(piece.body ?? "");
  const header = Buffer.alloc(block);
  Buffer.from(piece.name).copy(header, 0, 0, 100);
  header.write(piece.mode ?? "0000644\0", 100, "latin1");
  header.write("0000000\0", 108, "latin1");
  header.write("0000000\0", 116, "latin1");
  const size = piece.size ?? `${body.length.toString(8).padStart(11, "0")}\0`;
  Buffer.from(size).copy(header, 124, 0, 12);
  header.write(piece.modified ?? "14000000000\0", 136, "latin1");
  header.write(piece.type ?? "0", 156, "latin1");
  header.write(piece.target ?? "", 157, 100, "utf8");
  header.write(piece.magic ?? "ustar\x0000", 257, "latin1");
  header.write(piece.prefix ?? "", 345, 155, "utf8");
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  header.write(piece.checksum ?? `${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([header, body, Buffer.alloc((block - (body.length % block)) % block)]);
}

export const end = Buffer.alloc(2 * block);

export function tarOf(...pieces: readonly (Piece | Buffer)[]): Buffer {
  return Buffer.concat([...pieces.map((piece) => (Buffer.isBuffer(piece) ? piece : entry(piece))), end]);
}

export const file = (name: string, body: string | Buffer = "content"): Piece => ({ name, body });
export const folder = (name: string): Piece => ({ name, type: "5", mode: "0000755\0" });
export const link = (name: string, target: string): Piece => ({ name, type: "2", target });

/** One record, its length counting itself. */
export function record(keyword: string, value: string): string {
  const rest = Buffer.byteLength(` ${keyword}=${value}\n`);
  let length = rest + 1;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${keyword}=${value}\n`;
}

export function pax(records: Readonly<Record<string, string>>, type = "x"): Piece {
  const body = Object.entries(records)
    .map(([keyword, value]) => record(keyword, value))
    .join("");
  return { name: "pax", type, body };
}

export const gnuLongName = (name: string, type = "L"): Piece => ({ name: "././@LongLink", type, body: `${name}\0` });
