import { TransientError } from '../errors.ts';
import { CorruptDataError } from './corrupt-data-error.ts';

/**
 * Reads a stream of bytes forward, piece by piece. What lies within one chunk of the stream is handed out as a view; what
 * spans chunks is copied once. Errors of the stream pass through.
 */
export class ByteCursor {
  /** Bytes until the end of what this cursor may read. */
  remaining: number;
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;

  /** @param length how many bytes the stream has. */
  constructor(stream: AsyncIterable<Uint8Array>, length: number) {
    this.#iterator = stream[Symbol.asyncIterator]();
    this.remaining = length;
  }

  /** The next `length` bytes without consuming them; fewer only at the end. */
  async peek(length: number): Promise<Uint8Array> {
    const wanted = Math.min(length, this.remaining);
    while (this.#queued < wanted) await this.#pull();
    const head = this.#queue[0];
    if (!head || head.length >= wanted) return head?.subarray(0, wanted) ?? new Uint8Array(0);
    const bytes = Buffer.allocUnsafeSlow(wanted);
    let filled = 0;
    for (const chunk of this.#queue) {
      filled += copyInto(bytes, chunk, filled);
      if (filled === wanted) break;
    }
    return bytes;
  }

  /** Consumes exactly `length` bytes. @throws {CorruptDataError} when there are fewer. */
  async read(length: number): Promise<Uint8Array> {
    this.#check(length);
    const head = this.#queue[0] ?? (length > 0 ? await this.#pull() : new Uint8Array(0));
    if (head.length >= length) return length > 0 ? this.#shift(length) : head.subarray(0, 0);
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let filled = 0; filled < length; ) {
      if (this.#queue.length === 0) await this.#pull();
      filled += copyInto(bytes, this.#shift(length - filled), filled);
    }
    return bytes;
  }

  /** Consumes `length` bytes and hands them out as they come. @throws {CorruptDataError} when there are fewer. */
  async *stream(length: number): AsyncGenerator<Uint8Array> {
    this.#check(length);
    for (let left = length; left > 0; ) {
      if (this.#queue.length === 0) await this.#pull();
      const chunk = this.#shift(left);
      left -= chunk.length;
      yield chunk;
    }
  }

  /** Drops `length` bytes. @throws {CorruptDataError} when there are fewer. */
  async skip(length: number): Promise<void> {
    for await (const _ of this.stream(length));
  }

  async close(): Promise<void> {
    this.#queue.length = 0;
    this.#queued = 0;
    this.remaining = 0;
    await this.#iterator.return?.();
  }

  #check(length: number): void {
    if (!(length >= 0 && length <= this.remaining)) {
      throw new CorruptDataError(`${length} bytes are claimed where ${this.remaining} are left`);
    }
  }

  async #pull(): Promise<Uint8Array> {
    for (;;) {
      const next = await this.#iterator.next();
      if (next.done) throw new TransientError('the source ended before the bytes that were asked for');
      if (next.value.length === 0) continue;
      this.#queue.push(next.value);
      this.#queued += next.value.length;
      return next.value;
    }
  }

  /** Up to `length` bytes of the first chunk. */
  #shift(length: number): Uint8Array {
    const head = this.#queue[0];
    if (!head) return new Uint8Array(0);
    const taken = head.subarray(0, length);
    this.#queued -= taken.length;
    this.remaining -= taken.length;
    if (taken.length === head.length) this.#queue.shift();
    else this.#queue[0] = head.subarray(length);
    return taken;
  }
}

function copyInto(target: Uint8Array, chunk: Uint8Array, at: number): number {
  const part = chunk.length > target.length - at ? chunk.subarray(0, target.length - at) : chunk;
  target.set(part, at);
  return part.length;
}
