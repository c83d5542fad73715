import type { ByteSource } from '../hub/byte-source.ts';
import { ByteCursor } from './byte-cursor.ts';
import { collect } from './byte-streams.ts';
import type { FetchBatch, FetchPlan } from './fetch-plan.ts';
import type { Range } from './file-layout.ts';

/** Bytes that are read over rather than asked for anew. */
const MAX_SKIP_BYTES = 1024 * 1024;

interface Region {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * Fetches by a plan: at most one request is streamed and one is gathered at any time, so that a reader needs two
 * connections, and neither waits for the other.
 */
export class Fetcher {
  readonly #source: ByteSource;
  readonly #plan: FetchPlan;
  readonly #signal: AbortSignal;
  #regions: readonly Region[] = [];
  #entered = -1;
  /** What the next row groups need, on its way while the current ones are read. */
  #ahead: Promise<readonly Region[]> | undefined;
  /** The last request that gathers; the next one waits for it. */
  #gathering: Promise<unknown> = Promise.resolve();
  #stream: { readonly cursor: ByteCursor; readonly end: number } | undefined;

  constructor(source: ByteSource, plan: FetchPlan, signal: AbortSignal) {
    this.#source = {
      path: source.path,
      readTail: (length) => source.readTail(length),
      stream: (start, end) => abortable(source.stream(start, end), signal),
    };
    this.#plan = plan;
    this.#signal = signal;
  }

  /** Fetches what the row group needs in memory. To be called for each in turn. */
  async enter(group: number): Promise<void> {
    if (group <= this.#entered) return;
    const { batches } = this.#plan;
    const index = batches.findIndex(({ lastGroup }) => lastGroup >= group);
    this.#regions = [];
    this.#regions = await (this.#ahead ?? this.#load(batches[index]));
    this.#entered = batches[index]?.lastGroup ?? group;
    this.#ahead = this.#load(batches[index + 1]);
    this.#ahead.catch(() => undefined); // thrown when it is entered, or not needed any more
  }

  /** Bytes of the file, from where they come soonest. Nothing is requested before the first is asked for. */
  async *open([start, end]: Range): AsyncGenerator<Uint8Array> {
    const region = this.#regions.find((it) => it.start <= start && end <= it.start + it.bytes.length);
    if (region) {
      yield region.bytes.subarray(start - region.start, end - region.start);
      return;
    }
    const request = this.#plan.streamed.find((it) => it[0] <= start && end <= it[1]);
    if (request && !this.#isPassed(start)) {
      const cursor = await this.#streamAt(start, request);
      yield* cursor.stream(end - start);
      return;
    }
    const { pieceBytes } = this.#plan;
    for (let at = start; at < end; at += pieceBytes) yield await this.gather([at, Math.min(end, at + pieceBytes)]);
  }

  /** Bytes of the file at once. */
  async gather([start, end]: Range): Promise<Uint8Array> {
    const bytes = this.#gathering.then(() => {
      this.#signal.throwIfAborted();
      return collect(this.#source, start, end);
    });
    this.#gathering = bytes.catch(() => undefined);
    return bytes;
  }

  async close(): Promise<void> {
    this.#regions = [];
    await this.#gathering;
    await this.#stream?.cursor.close();
  }

  async #load(batch: FetchBatch | undefined): Promise<readonly Region[]> {
    const regions: Region[] = [];
    for (const range of batch?.requests ?? []) regions.push({ start: range[0], bytes: await this.gather(range) });
    return regions;
  }

  /** The stream goes forward only: a dictionary page that is needed later than planned must not take it away. */
  #isPassed(start: number): boolean {
    if (!this.#stream) return false;
    const { cursor, end } = this.#stream;
    return cursor.remaining > 0 && start < end - cursor.remaining;
  }

  async #streamAt(start: number, [, requestEnd]: Range): Promise<ByteCursor> {
    if (this.#stream?.end === requestEnd) {
      const { cursor } = this.#stream;
      const ahead = start - (requestEnd - cursor.remaining);
      if (ahead >= 0 && ahead <= MAX_SKIP_BYTES) {
        await cursor.skip(ahead);
        return cursor;
      }
    }
    await this.#stream?.cursor.close();
    this.#signal.throwIfAborted();
    const cursor = new ByteCursor(this.#source.stream(start, requestEnd), requestEnd - start);
    this.#stream = { cursor, end: requestEnd };
    return cursor;
  }
}

async function* abortable(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    signal.throwIfAborted();
    yield chunk;
  }
}
