import type { Source } from "./source.ts";

/** Reads bits, most significant first. */
export class BitReader {
  readonly #source: Pick<Source, "read">;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #held = 0;
  #count = 0;

  constructor(source: Pick<Source, "read">) {
    this.#source = source;
  }

  /** The next `count` bits, at most 24. Throws at the end of the input. */
  bits(count: number): number {
    while (this.#count < count) {
      const byte = this.#byte();
      if (byte === undefined) throw new Error("it is cut off");
      this.#held = ((this.#held << 8) | byte) & 0xffffffff;
      this.#count += 8;
    }
    this.#count -= count;
    return (this.#held >>> this.#count) & ((1 << count) - 1);
  }

  bit(): boolean {
    return this.bits(1) === 1;
  }

  /** The next byte from a byte boundary, skipping the bits before it; undefined at the end of the input. */
  alignedByte(): number | undefined {
    this.#count -= this.#count % 8;
    if (this.#count >= 8) return this.bits(8);
    return this.#byte();
  }

  #byte(): number | undefined {
    if (this.#at === this.#bytes.length) {
      const next = this.#source.read();
      if (next === undefined) return undefined;
      this.#bytes = next;
      this.#at = 0;
    }
    const byte = this.#bytes[this.#at];
    this.#at += 1;
    return byte;
  }
}
