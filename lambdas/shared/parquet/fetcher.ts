import type { ByteSource } from '../hub/byte-source.ts';
import { ByteCursor } from './byte-cursor.ts';
import { collect } from './byte-streams.ts';
import { coalesce, rangesBytes } from './coalesce.ts';
import type { Range } from './file-layout.ts';
import type { LeafPlan } from './read-plan.ts';

/** Part of the bytes used that may be fetched for nothing, to save requests. */
const WASTE = 0.02;
/** Bytes that are read over rather than asked for anew. */
const MAX_SKIP_BYTES = 1024 * 1024;
const MIN_PIECE_BYTES = 1024 * 1024;

interface Region {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Row groups that are entered together, and what is fetched to memory for them. */
interface Batch {
  readonly lastGroup: number;
  readonly requests: readonly Range[];
}

/**
 * Decides which bytes come by which request. The leaf with the most bytes (the images) is streamed, by one request as far
 * as its bytes lie close together; small leaves are fetched beside it, as many as the window allows by one request; other
 * large leaves come in pieces. So at most two requests are open at once, and one is never held open for another.
 */
export class Fetcher {
  readonly #source: ByteSource;
  readonly #signal: AbortSignal;
  readonly #batches: readonly Batch[];
  readonly #mainRequests: readonly Range[];
  readonly #pieceBytes: number;
  #regions: readonly Region[] = [];
  #entered = -1;
  #main: { readonly cursor: ByteCursor; readonly end: number } | undefined;

  /** @param groups the leaves of each row group, in the order in which they will be read. */
  constructor(source: ByteSource, groups: readonly (readonly LeafPlan[])[], windowBytes: number, signal: AbortSignal) {
    this.#source = {
      path: source.path,
      readTail: (n) => source.readTail(n),
      stream: (a, b) => abortable(source.stream(a, b), signal),
    };
    this.#signal = signal;
    const sideBytes = windowBytes / 4;
    const main = mainLeaf(groups);
    const streamed: Range[] = [];
    const batches: Batch[] = [];
    let large = 0;
    for (let first = 0; first < groups.length; ) {
      let last = first;
      let bytes = planBytes(groups[first] ?? []);
      const isSmall = bytes <= sideBytes;
      for (; isSmall && last + 1 < groups.length; last++) {
        bytes += planBytes(groups[last + 1] ?? []);
        if (bytes > sideBytes) break;
      }
      const leaves = groups.slice(first, last + 1).flat();
      const used = leaves.reduce((sum, { ranges }) => sum + rangesBytes(ranges), 0);
      const beside = isSmall
        ? leaves
        : smallest(
            leaves.filter((_, i) => i !== main),
            sideBytes,
          );
      batches.push({
        lastGroup: last,
        requests: coalesce(
          beside.flatMap(({ ranges }) => ranges),
          used * WASTE,
        ),
      });
      if (!isSmall) {
        streamed.push(...(leaves[main]?.ranges ?? []));
        large = Math.max(large, leaves.length - 1 - beside.length);
      }
      first = last + 1;
    }
    this.#batches = batches;
    this.#mainRequests = coalesce(streamed, rangesBytes(streamed) * WASTE);
    this.#pieceBytes = Math.max(MIN_PIECE_BYTES, Math.floor(sideBytes / Math.max(1, large)));
  }

  /** Fetches what the row group needs in memory. To be called for each in turn. */
  async enter(group: number): Promise<void> {
    if (group <= this.#entered) return;
    const batch = this.#batches.find(({ lastGroup }) => lastGroup >= group);
    if (!batch) return;
    const regions: Region[] = [];
    this.#regions = regions;
    for (const [start, end] of batch.requests) {
      regions.push({ start, bytes: await collect(this.#source, start, end) });
    }
    this.#entered = batch.lastGroup;
  }

  /** Bytes of the file, from where they come soonest. Nothing is requested before the first is asked for. */
  async *open([start, end]: Range): AsyncGenerator<Uint8Array> {
    const region = this.#regions.find((it) => it.start <= start && end <= it.start + it.bytes.length);
    if (region) {
      yield region.bytes.subarray(start - region.start, end - region.start);
      return;
    }
    const request = this.#mainRequests.find((it) => it[0] <= start && end <= it[1]);
    if (request) {
      const cursor = await this.#mainAt(start, request);
      yield* cursor.stream(end - start);
      return;
    }
    for (let at = start; at < end; at += this.#pieceBytes) {
      yield await collect(this.#source, at, Math.min(end, at + this.#pieceBytes));
    }
  }

  async close(): Promise<void> {
    this.#regions = [];
    await this.#main?.cursor.close();
  }

  async #mainAt(start: number, [, requestEnd]: Range): Promise<ByteCursor> {
    if (this.#main?.end === requestEnd) {
      const { cursor } = this.#main;
      const ahead = start - (requestEnd - cursor.remaining);
      if (ahead >= 0 && ahead <= MAX_SKIP_BYTES) {
        await cursor.skip(ahead);
        return cursor;
      }
    }
    await this.#main?.cursor.close();
    this.#signal.throwIfAborted();
    const cursor = new ByteCursor(this.#source.stream(start, requestEnd), requestEnd - start);
    this.#main = { cursor, end: requestEnd };
    return cursor;
  }
}

function planBytes(leaves: readonly LeafPlan[]): number {
  return leaves.reduce((sum, { ranges }) => sum + rangesBytes(ranges), 0);
}

/** Position of the leaf with the most bytes. */
function mainLeaf(groups: readonly (readonly LeafPlan[])[]): number {
  const totals: number[] = [];
  for (const leaves of groups) {
    for (const [i, { ranges }] of leaves.entries()) totals[i] = (totals[i] ?? 0) + rangesBytes(ranges);
  }
  return totals.indexOf(Math.max(0, ...totals));
}

/** As many of the leaves, small ones first, as fit into `maxBytes`. */
function smallest(leaves: readonly LeafPlan[], maxBytes: number): LeafPlan[] {
  let bytes = 0;
  return leaves
    .toSorted((a, b) => rangesBytes(a.ranges) - rangesBytes(b.ranges))
    .filter(({ ranges }) => {
      bytes += rangesBytes(ranges);
      return bytes <= maxBytes;
    });
}

async function* abortable(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    signal.throwIfAborted();
    yield chunk;
  }
}
