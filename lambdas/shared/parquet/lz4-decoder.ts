import { CorruptDataError } from './corrupt-data-error.ts';
import type { LzSink } from './lz-sink.ts';

/** Decodes one raw LZ4 block that arrives in pieces. */
export class Lz4Decoder {
  readonly #sink: LzSink;
  #literalLeft = 0;
  /** Low half of the token whose literals have been read, or `undefined` before a token. */
  #match: number | undefined;
  #carry: Uint8Array = new Uint8Array(0);

  constructor(sink: LzSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    const joined = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    const at = this.#decode(joined);
    this.#carry = Uint8Array.from(joined.subarray(at));
  }

  /** @throws {CorruptDataError} when the block is cut. The last sequence of a block has literals only. */
  end(): void {
    if (this.#carry.length > 0 || this.#literalLeft > 0) throw new CorruptDataError('LZ4 is cut');
  }

  /** @returns how many bytes have been understood; the rest needs more. */
  #decode(bytes: Uint8Array): number {
    let at = 0;
    for (;;) {
      if (this.#literalLeft > 0) {
        const end = Math.min(bytes.length, at + this.#literalLeft);
        this.#sink.literal(bytes, at, end);
        this.#literalLeft -= end - at;
        at = end;
        if (this.#literalLeft > 0) return at;
      }
      if (this.#match === undefined) {
        const token = bytes[at];
        const literals = token === undefined ? undefined : longLength(bytes, at + 1, token >> 4);
        if (token === undefined || !literals) return at;
        at = literals.end;
        this.#literalLeft = literals.length;
        this.#match = token & 15;
      } else {
        const match = longLength(bytes, at + 2, this.#match);
        if (!match || match.end > bytes.length) return at;
        this.#sink.copy((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8), match.length + 4);
        at = match.end;
        this.#match = undefined;
      }
    }
  }
}

/** A length of 15 or more goes on in bytes that are added up, until one is not 255. */
function longLength(bytes: Uint8Array, start: number, nibble: number): { length: number; end: number } | undefined {
  if (nibble < 15) return { length: nibble, end: start };
  let length = nibble;
  for (let at = start; ; ) {
    const byte = bytes[at++];
    if (byte === undefined) return undefined;
    length += byte;
    if (byte < 255) return { length, end: at };
  }
}

/**
 * Decodes the codec LZ4: Hadoop's framing (big-endian: the uncompressed length of a frame, then blocks, each after its
 * compressed length, until the frame is full), or a bare block as some old files have it. A bare block begins with a
 * token that as the first byte of a length would mean 256 MB or more.
 */
export class HadoopLz4Decoder {
  readonly #sink: LzSink;
  readonly #size: number;
  /** `undefined` until the first bytes tell. */
  #framed: boolean | undefined;
  #block: Lz4Decoder;
  #blockLeft = 0;
  #frameEnd = 0;
  #carry: Uint8Array = new Uint8Array(0);

  /** @param size of the whole output, in bytes. */
  constructor(sink: LzSink, size: number) {
    this.#sink = sink;
    this.#size = size;
    this.#block = new Lz4Decoder(sink);
  }

  push(bytes: Uint8Array): void {
    let rest: Uint8Array = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    while (this.#framed !== false && rest.length > 0) {
      if (this.#blockLeft === 0) {
        const head = this.#readHead(rest);
        if (head === undefined) break;
        rest = rest.subarray(head);
        continue;
      }
      const part = rest.subarray(0, this.#blockLeft);
      this.#block.push(part);
      this.#blockLeft -= part.length;
      rest = rest.subarray(part.length);
      if (this.#blockLeft === 0) this.#endBlock();
    }
    if (this.#framed === false) {
      this.#block.push(rest);
      rest = rest.subarray(rest.length);
    }
    this.#carry = Uint8Array.from(rest);
  }

  /** @throws {CorruptDataError} when the last block or frame is cut. */
  end(): void {
    if (!this.#framed) {
      this.#block.push(this.#carry); // too short for a frame
      this.#block.end();
    } else if (this.#carry.length > 0 || this.#blockLeft > 0 || this.#sink.written < this.#frameEnd) {
      throw new CorruptDataError('LZ4 is cut');
    }
  }

  /** @returns bytes that the head of the next block takes, 0 when there are no frames; `undefined`: more are needed. */
  #readHead(bytes: Uint8Array): number | undefined {
    const isNewFrame = this.#sink.written === this.#frameEnd;
    const length = isNewFrame ? 8 : 4;
    if (bytes.length < length) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (isNewFrame) {
      const frameBytes = view.getUint32(0);
      this.#framed ??= frameBytes <= this.#size;
      if (!this.#framed) return 0;
      this.#frameEnd = this.#sink.written + frameBytes;
    }
    this.#blockLeft = view.getUint32(length - 4);
    return length;
  }

  #endBlock(): void {
    this.#block.end();
    if (this.#sink.written > this.#frameEnd) throw new CorruptDataError('an LZ4 frame is longer than it says');
    this.#block = new Lz4Decoder(this.#sink);
  }
}
