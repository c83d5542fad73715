import type { ChunkLayout, Range, RowGroupLayout } from './file-layout.ts';
import type { IndexedPage } from './offset-index.ts';
import type { PagePosition } from './page-trail.ts';
import type { Leaf } from './schema-leaves.ts';

/** Rows `[start, end)` within a row group. */
export interface Rows {
  readonly start: number;
  readonly end: number;
}

/** A row group of a request, with the rows that are wanted of it. */
export interface RowGroupRequest {
  readonly layout: RowGroupLayout;
  /** Dataset-wide. */
  readonly firstRow: number;
  /** Runs of wanted rows, ascending, not empty. */
  readonly runs: readonly Rows[];
}

/** One leaf's part in a row group. */
export interface LeafPlan {
  readonly leaf: Leaf;
  readonly chunk: ChunkLayout;
  /** The pages that hold wanted rows; `undefined`: the chunk is read page by page. */
  readonly pages: readonly IndexedPage[] | undefined;
  /** Where to begin without `pages`; `undefined`: at the chunk's start. */
  readonly from: PagePosition | undefined;
  /** What will be read, in order. */
  readonly ranges: readonly Range[];
}

/** Of what a reader of some rows uses, this part may be fetched whole although a part would do, to save requests. */
const WHOLE_CHUNK_WASTE = 0.03;
const FREE_WASTE_BYTES = 16 * 1024;
/** A dictionary page that is fetched along with pages that may not need it. */
const SMALL_DICTIONARY_BYTES = 64 * 1024;

/** Runs of rows of a row group that are asked for. */
export function wantedRuns(
  rows: number,
  firstRow: number,
  range: Rows,
  wanted: ((index: number) => boolean) | undefined,
): Rows[] {
  const start = Math.max(0, range.start - firstRow);
  const end = Math.min(rows, range.end - firstRow);
  if (end <= start) return [];
  if (!wanted) return [{ start, end }];
  const runs: Rows[] = [];
  for (let row = start; row < end; row++) {
    if (!wanted(firstRow + row)) continue;
    const last = runs.at(-1);
    if (last?.end === row) runs[runs.length - 1] = { start: last.start, end: row + 1 };
    else runs.push({ start: row, end: row + 1 });
  }
  return runs;
}

/**
 * Which chunks of a row group are worth their offset index: none when all rows are wanted, and not those that are small
 * beside the rest.
 */
export function chunksToIndex(group: RowGroupRequest, chunks: readonly ChunkLayout[]): Set<ChunkLayout> {
  const wanted = group.runs.reduce((sum, { start, end }) => sum + end - start, 0);
  const fraction = wanted / group.layout.rows;
  if (fraction === 1) return new Set();
  const size = ({ range: [start, end] }: ChunkLayout): number => end - start;
  const used = chunks.reduce((sum, chunk) => sum + size(chunk), 0) * fraction;
  let waste = Math.max(FREE_WASTE_BYTES, used * WHOLE_CHUNK_WASTE);
  const indexed = new Set<ChunkLayout>();
  for (const chunk of chunks.toSorted((a, b) => size(a) - size(b))) {
    waste -= size(chunk) * (1 - fraction);
    if (waste < 0 && chunk.offsetIndex) indexed.add(chunk);
  }
  return indexed;
}

/**
 * @param index of the chunk; `undefined` when it is read page by page.
 * @param from where it is read on, without an index.
 */
export function planLeaf(
  leaf: Leaf,
  chunk: ChunkLayout,
  runs: readonly Rows[],
  index: readonly IndexedPage[] | undefined,
  from?: PagePosition,
): LeafPlan {
  if (index) {
    const pages = index.filter((page) => runs.some((run) => page.firstRow < run.end && page.endRow > run.start));
    const ranges = pages.map(({ start, end }): Range => [start, end]);
    return { leaf, chunk, pages, from: undefined, ranges: withNearDictionary(chunk, ranges) };
  }
  if (!from) return { leaf, chunk, pages: undefined, from, ranges: [chunk.range] };
  // Older writers do not say that there is a dictionary page; what has been read tells.
  const [dictionaryPage, dataPage] = from.dictionary ?? [chunk.dictionaryPage, chunk.dataPage];
  const known = { ...chunk, dictionaryPage, dataPage };
  const ranges = withNearDictionary(known, [[from.offset, chunk.range[1]]]);
  return { leaf, chunk: known, pages: undefined, from, ranges };
}

function withNearDictionary({ dictionaryPage, dataPage }: ChunkLayout, ranges: readonly Range[]): readonly Range[] {
  if (dictionaryPage === undefined) return ranges;
  const isNear = dataPage - dictionaryPage <= SMALL_DICTIONARY_BYTES || ranges[0]?.[0] === dataPage;
  return isNear ? [[dictionaryPage, dataPage], ...ranges] : ranges;
}
