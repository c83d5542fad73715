import { crc32 } from 'node:zlib';
import type { ChunkLayout, Range } from './file-layout.ts';

/** Where a page of a column chunk begins: from there the chunk can be read on without what lies before. JSON-safe. */
export interface PagePosition {
  /** Where the chunk begins in the file. */
  readonly chunk: number;
  /** Where the page's header begins in the file. */
  readonly offset: number;
  /** First row that begins in the page, within its row group. Levels before it belong to the row before. */
  readonly row: number;
  /** Values, nulls and empty lists counted, that the pages before have. */
  readonly values: number;
  /** The dictionary page, its header included, when one came before. */
  readonly dictionary?: Range;
  /** By `positionCheck`. */
  readonly check: number;
}

/** Where each leaf of a row group can be read on. JSON-safe, one entry a leaf. */
export interface ResumePoint {
  /** First row of the row group, dataset-wide. */
  readonly group_row: number;
  readonly pages: readonly PagePosition[];
}

/**
 * Where the pages began that have been read, for chunks that are read without their index; so that another reader of the
 * same file can go on where this one ended. A chunk that it does not know is read from its start.
 */
export class PageTrail {
  /** By the row group's first row and the chunk's start, in the order of reading. */
  readonly #groups = new Map<number, Map<number, PagePosition[]>>();

  /** @param resume what `pointAt` of an earlier reader gave. */
  constructor(resume?: ResumePoint) {
    for (const page of resume?.pages ?? []) this.add(resume?.group_row ?? 0, page);
  }

  add(groupRow: number, page: PagePosition): void {
    if (page.row === 0) return; // as good as the chunk's start
    const chunks = this.#groups.get(groupRow) ?? new Map<number, PagePosition[]>();
    const pages = chunks.get(page.chunk) ?? [];
    pages.push(page);
    this.#groups.set(groupRow, chunks.set(page.chunk, pages));
  }

  /** The last page of a chunk that begins at or before `row` of the row group. */
  find(groupRow: number, chunk: number, row: number): PagePosition | undefined {
    return this.#groups
      .get(groupRow)
      ?.get(chunk)
      ?.findLast((page) => page.row <= row);
  }

  /**
   * Where to go on for the rows from `row`, dataset-wide. Rows before it are not asked for any more: what is known of
   * their pages is forgotten.
   */
  pointAt(row: number): ResumePoint | undefined {
    const groupRow = [...this.#groups.keys()].filter((first) => first <= row).at(-1);
    if (groupRow === undefined) return undefined;
    for (const first of this.#groups.keys()) if (first < groupRow) this.#groups.delete(first);
    const chunks = [...(this.#groups.get(groupRow)?.values() ?? [])];
    const pages = chunks.flatMap((known) => {
      const last = known.findLastIndex((page) => page.row <= row - groupRow);
      known.splice(0, last);
      return last < 0 ? [] : known.slice(0, 1);
    });
    return { group_row: groupRow, pages };
  }
}

/** What ties a position to its chunk: one that is damaged, or of another file, has another. */
export function positionCheck(path: string, chunk: ChunkLayout, page: Omit<PagePosition, 'check'>): number {
  const { offset, row, values, dictionary } = page;
  return crc32(JSON.stringify([path, chunk.range, chunk.values, offset, row, values, dictionary]));
}
