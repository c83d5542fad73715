import type { RowError } from '../jobs/row-failure.ts';
import type { LeafCursor } from './leaf-cursor.ts';
import type { GoodPage, LoadedPage } from './loaded-page.ts';

/** The pages of one leaf that are in memory, in row order. Rows count from the start of the row group. */
export class PageQueue {
  readonly #pages: LoadedPage[] = [];
  /** First row that will be asked for. */
  #row = 0;
  /** First row that no page has begun. */
  #nextRow = 0;

  get row(): number {
    return this.#row;
  }

  get nextRow(): number {
    return this.#nextRow;
  }

  /** Says that no row before this one will be asked for. */
  async skipTo(row: number): Promise<void> {
    this.#row = row;
    for (let page = this.#pages[0]; page && page.endRow <= row && isClosed(page); page = this.#pages[0]) {
      this.#pages.shift();
      if (!page.error) await page.file?.[Symbol.asyncDispose]();
    }
  }

  /** Says that the rows up to this one are not among what will be pushed. */
  skipRows(nextRow: number): void {
    this.#nextRow = nextRow;
  }

  async push(page: LoadedPage): Promise<void> {
    if (!page.error && page.endRow > page.firstRow) this.closePages();
    this.#pages.push(page);
    this.#nextRow = page.endRow;
    await this.skipTo(this.#row);
  }

  /** The rows that have begun are complete: another one begins, or the chunk ends. */
  closePages(): void {
    for (const page of this.#pages) if (!page.error) page.closed = true;
  }

  /** The page that has the row, once the row is complete. */
  find(row: number): LoadedPage | undefined {
    for (const page of this.#pages) {
      if (row < page.firstRow || row >= page.endRow) continue;
      if (page.error || row < page.endRow - 1 || page.closed) return page;
    }
    return undefined;
  }

  /** The last row that has begun when it may go on in a page that is lost, else the row after it. */
  firstIncomplete(): number {
    const last = this.#pages.findLast((page) => page.endRow > page.firstRow);
    return last && !isClosed(last) ? last.endRow - 1 : this.#nextRow;
  }

  /** Why the current row cannot be read, if it cannot. */
  get error(): RowError | undefined {
    return this.find(this.#row)?.error;
  }

  /** What the rows from the current one to `end` take in memory, roughly. */
  bytesTo(end: number): number {
    let bytes = 0;
    for (let row = this.#row; row < end; row++) {
      const page = this.find(row);
      if (page && !page.error) bytes += page.rowBytes(row);
    }
    return bytes;
  }

  /** Brings values that lie in a scratch file to memory, for the rows up to `end`. */
  async loadTo(end: number): Promise<void> {
    // A page that begins with `end` may go on with the row before.
    const pages = this.#pages.flatMap((page) => (page.error || page.firstRow > end ? [] : [page]));
    for (const page of pages) page.data.values.file?.release();
    for (const page of pages) {
      const from = page.firstRow <= this.#row ? page.valueAt(this.#row) : 0;
      const to = page.endRow > end ? page.valueAt(end) : page.data.values.length;
      await page.data.values.file?.load(from, to);
    }
  }

  /** Points `cursor` at a row that is readable. */
  seek(row: number, cursor: LeafCursor): void {
    const index = this.#pages.findIndex((page) => !page.error && row >= page.firstRow && row < page.endRow);
    const page = this.#pages[index];
    if (!page || page.error) throw new Error(`row ${row} has not been loaded`);
    const following: GoodPage[] = [];
    for (let i = index + 1; row === page.endRow - 1 && i < this.#pages.length; i++) {
      const next = this.#pages[i];
      if (!next || next.error) break;
      following.push(next);
      if (next.endRow > next.firstRow) break;
    }
    cursor.start(row, page, following);
  }

  async close(): Promise<void> {
    for (const page of this.#pages.splice(0)) if (!page.error) await page.file?.[Symbol.asyncDispose]();
  }
}

function isClosed(page: LoadedPage): boolean {
  return page.error !== undefined || page.closed;
}
