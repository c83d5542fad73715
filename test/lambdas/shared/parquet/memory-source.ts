import { BadInputError } from '../../../../lambdas/shared/errors.ts';
import type { ByteSource } from '../../../../lambdas/shared/hub/byte-source.ts';

/** A file in memory that counts what is asked of it and, of what is asked, handed out. */
export class MemorySource implements ByteSource {
  readonly path: string;
  readonly requests: { start: number; end: number; bytes: number }[] = [];
  /** Streams that have been opened and are neither read to their end nor closed. */
  open = 0;
  maxOpen = 0;
  readonly #bytes: Uint8Array;
  readonly #chunkBytes: number;

  /** @param chunkBytes size of the pieces that a stream hands out. */
  constructor(bytes: Uint8Array, { path = 'data/train.parquet', chunkBytes = 64 * 1024 } = {}) {
    this.#bytes = bytes;
    this.path = path;
    this.#chunkBytes = chunkBytes;
  }

  get bytesRead(): number {
    return this.requests.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  reset(): void {
    this.requests.length = 0;
  }

  async readTail(length: number): Promise<{ bytes: Uint8Array; sizeBytes: number }> {
    const { length: sizeBytes } = this.#bytes;
    const start = Math.max(0, sizeBytes - length);
    this.requests.push({ start, end: sizeBytes, bytes: sizeBytes - start });
    return { bytes: this.#bytes.subarray(start), sizeBytes };
  }

  async *stream(start: number, end: number): AsyncGenerator<Uint8Array> {
    if (!(start >= 0 && start < end && end <= this.#bytes.length))
      throw new BadInputError(`${this.path} has no bytes ${start} to ${end}`);
    const request = { start, end, bytes: 0 };
    this.requests.push(request);
    this.maxOpen = Math.max(this.maxOpen, ++this.open);
    try {
      for (let at = start; at < end; at += this.#chunkBytes) {
        await new Promise(setImmediate); // as from a socket: never in the same turn
        const chunk = this.#bytes.slice(at, Math.min(end, at + this.#chunkBytes));
        request.bytes += chunk.length;
        yield chunk;
      }
    } finally {
      this.open--;
    }
  }
}
