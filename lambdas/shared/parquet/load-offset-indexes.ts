import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { coalesce } from './coalesce.ts';
import { CorruptDataError } from './corrupt-data-error.ts';
import type { ChunkLayout, Range } from './file-layout.ts';
import { decodeOffsetIndex, type IndexedPage } from './offset-index.ts';

/** Indexes lie side by side behind the data; a larger gap than this lies between those of distant row groups only. */
const WASTE_BYTES = 64 * 1024;
/** An index has some ten bytes a page; a longer one is not worth its bytes, or a lie. */
const MAX_INDEX_BYTES = 16 * 1024 * 1024;

/**
 * Fetches offset indexes, by one request as a rule. One that is broken is left out: its chunk is read from its start.
 * @param fetch gives bytes of the file; its errors pass through.
 */
export async function loadOffsetIndexes(
  path: string,
  chunks: readonly { readonly chunk: ChunkLayout; readonly rows: number }[],
  fetch: (range: Range) => Promise<Uint8Array>,
  log?: Log,
): Promise<ReadonlyMap<ChunkLayout, readonly IndexedPage[]>> {
  const wanted = chunks.flatMap(({ chunk, rows }) => {
    const { offsetIndex: range } = chunk;
    return range && range[1] - range[0] <= MAX_INDEX_BYTES ? [{ chunk, rows, range }] : [];
  });
  const ranges = wanted.map(({ range }) => range);
  const indexes = new Map<ChunkLayout, readonly IndexedPage[]>();
  for (const [start, end] of coalesce(ranges, WASTE_BYTES)) {
    const bytes = await fetch([start, end]);
    for (const { chunk, rows, range } of wanted) {
      if (range[0] < start || range[1] > end) continue;
      try {
        indexes.set(chunk, decodeOffsetIndex(bytes.subarray(range[0] - start, range[1] - start), chunk, rows));
      } catch (error) {
        if (!(error instanceof CorruptDataError)) throw error;
        log?.warn('offset index ignored', { path, column: chunk.column, error: messageOf(error) });
      }
    }
  }
  return indexes;
}
