import { CorruptDataError } from './corrupt-data-error.ts';

/**
 * Output of an LZ77 decoder (snappy, LZ4): literals and copies of what was written before. Without `onFlush` it holds
 * the whole output, whose size is known; with it, full buffers are handed out and the last `history` bytes are kept.
 */
export class LzSink {
  /** Bytes written so far, flushed ones counted. */
  written = 0;
  readonly #buffer: Uint8Array;
  readonly #history: number;
  readonly #onFlush: ((bytes: Uint8Array) => void) | undefined;
  #position = 0;
  #flushed = 0;

  constructor(capacity: number, onFlush?: (bytes: Uint8Array) => void, history = 0) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
    this.#onFlush = onFlush;
    this.#history = history;
  }

  literal(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    while (from < end) {
      const count = Math.min(end - from, this.#room(end - from));
      this.#buffer.set(bytes.subarray(from, from + count), this.#position);
      this.#advance(count);
      from += count;
    }
  }

  /** Copies `length` bytes from `distance` bytes back; they may overlap with what is written. */
  copy(distance: number, length: number): void {
    if (distance <= 0 || distance > this.#position) throw new CorruptDataError(`a copy from ${distance} bytes back`);
    let left = length;
    while (left > 0) {
      const count = Math.min(left, this.#room(left));
      this.#copyWithin(distance, count);
      left -= count;
    }
  }

  /** What has not been flushed. */
  rest(): Uint8Array {
    return this.#buffer.subarray(this.#flushed, this.#position);
  }

  #copyWithin(distance: number, count: number): void {
    const buffer = this.#buffer;
    const to = this.#position;
    if (distance >= count && count > 32) {
      buffer.copyWithin(to, to - distance, to - distance + count);
    } else {
      for (let i = to; i < to + count; i++) buffer[i] = buffer[i - distance] ?? 0;
    }
    this.#advance(count);
  }

  #advance(count: number): void {
    this.#position += count;
    this.written += count;
  }

  /** Room for at least one byte, and for `wanted` if the buffer is large enough. */
  #room(wanted: number): number {
    const room = this.#buffer.length - this.#position;
    if (room >= wanted) return room;
    if (!this.#onFlush) throw new CorruptDataError(`more than ${this.#buffer.length} bytes come out`);
    if (room > 0) return room;
    this.#onFlush(Buffer.from(this.rest()));
    this.#buffer.copyWithin(0, this.#position - this.#history, this.#position);
    this.#position = this.#history;
    this.#flushed = this.#history;
    return this.#buffer.length - this.#position;
  }
}
