import type { ChunkLayout, Range } from './file-layout.ts';
import type { IndexedPage } from './offset-index.ts';
import type { PagePosition } from './page-trail.ts';
import type { Leaf } from './schema-leaves.ts';

/** What is needed to read one leaf of one row group. */
export interface LeafContext {
  readonly leaf: Leaf;
  readonly chunk: ChunkLayout;
  /** Of the row group. */
  readonly rows: number;
  /** End of the rows that will be asked for, within the row group. */
  readonly endRow: number;
  /** Names file, column and row group, for messages. */
  readonly name: string;
  /** The pages to read, when they are known; else the chunk is read page by page. */
  readonly pages: readonly IndexedPage[] | undefined;
  /** Where to begin without `pages`; `undefined`: at the chunk's start. */
  readonly from: PagePosition | undefined;
  /** Told where the next page begins, after each one that is read without `pages`. */
  readonly remember: (page: Omit<PagePosition, 'check'>) => void;
  /** Opens bytes of the chunk for reading forward. */
  readonly open: (range: Range) => AsyncIterable<Uint8Array>;
  /** Fetches the offset index, to find the next page behind a broken one. `undefined` when there is none of use. */
  readonly readIndex: () => Promise<readonly IndexedPage[] | undefined>;
  /** Pages larger than this, uncompressed, go through a file in `scratchDir`. */
  readonly maxPageBytes: number;
  readonly scratchDir: string;
}
