import { CorruptDataError } from './corrupt-data-error.ts';
import type { LzSink } from './lz-sink.ts';

/** Bytes after which an element's tag, with its length or offset, is complete in any case. */
const MAX_TAG_BYTES = 5;

/**
 * Decodes a raw snappy block that arrives in pieces. Images hardly compress, so nearly all of it is literals of up to
 * 64 KB, which are copied by `set`; hyparquet's own decoder copies byte by byte.
 */
export class SnappyDecoder {
  /** Length that the block says it has uncompressed; known after the first bytes. */
  expected: number | undefined;
  readonly #sink: LzSink;
  #literalLeft = 0;
  #carry = new Uint8Array(0);

  constructor(sink: LzSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    this.#carry = this.#decode(this.#joined(bytes), false);
  }

  /** @throws {CorruptDataError} when the block is cut or gives another length than it says. */
  end(): void {
    const rest = this.#decode(this.#carry, true);
    if (rest.length > 0 || this.#literalLeft > 0 || this.expected !== this.#sink.written) {
      throw new CorruptDataError(`snappy gives ${this.#sink.written} of ${this.expected} bytes`);
    }
  }

  #joined(bytes: Uint8Array): Uint8Array {
    return this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
  }

  /** @returns a copy of the bytes that need more to be understood. */
  #decode(bytes: Uint8Array, last: boolean): Uint8Array<ArrayBuffer> {
    const sink = this.#sink;
    const size = bytes.length;
    let at = 0;
    if (this.expected === undefined) {
      if (size < MAX_TAG_BYTES && !last) return new Uint8Array(bytes);
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++];
        if (byte === undefined || shift > 28) throw new CorruptDataError('snappy has no length');
        length += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) break;
      }
      this.expected = length;
    }
    for (;;) {
      if (this.#literalLeft > 0) {
        const end = Math.min(size, at + this.#literalLeft);
        sink.literal(bytes, at, end);
        this.#literalLeft -= end - at;
        at = end;
      }
      if (at >= size || (size - at < MAX_TAG_BYTES && !last)) return new Uint8Array(bytes.subarray(at));
      const tag = bytes[at] ?? 0;
      const kind = tag & 3;
      const high = tag >> 2;
      const extra = kind === 0 ? Math.max(0, high - 59) : kind === 3 ? 4 : kind;
      if (at + 1 + extra > size) throw new CorruptDataError('snappy is cut');
      let number = 0;
      for (let i = extra; i > 0; i--) number = number * 256 + (bytes[at + i] ?? 0);
      at += 1 + extra;
      if (kind === 0) this.#literalLeft = (extra === 0 ? high : number) + 1;
      else if (kind === 1) sink.copy(((tag >> 5) << 8) | number, (high & 7) + 4);
      else sink.copy(number, high + 1);
    }
  }
}
