import { messageOf } from '../errors.ts';
import { RowError } from '../jobs/row-failure.ts';
import { ByteCursor } from './byte-cursor.ts';
import { CorruptDataError } from './corrupt-data-error.ts';
import { decodeDataPage, decodeDictionaryPage, type PageData } from './decode-page.ts';
import type { ChunkLayout, Range } from './file-layout.ts';
import type { LeafCursor } from './leaf-cursor.ts';
import { type BadPage, GoodPage, type LoadedPage } from './loaded-page.ts';
import type { IndexedPage } from './offset-index.ts';
import { type CheckedHeader, readPageHeader } from './page-header.ts';
import type { Leaf } from './schema-leaves.ts';
import { spillDataPage, spillDictionaryPage } from './spilled-page.ts';
import type { ValueList } from './value-list.ts';

export interface LeafContext {
  readonly leaf: Leaf;
  readonly chunk: ChunkLayout;
  /** Of the row group. */
  readonly rows: number;
  /** End of the rows that will be asked for, within the row group. */
  readonly endRow: number;
  /** Names file, column and row group, for messages. */
  readonly name: string;
  /** The pages to read, when they are known; else the chunk is read from its start. */
  readonly pages: readonly IndexedPage[] | undefined;
  /** Opens bytes of the chunk for reading forward. */
  open(range: Range): AsyncIterable<Uint8Array>;
  /** Fetches the offset index, to find the next page behind a broken one. `undefined` when there is none of use. */
  readIndex(): Promise<readonly IndexedPage[] | undefined>;
  /** Pages larger than this, uncompressed, go through a file in `scratchDir`. */
  readonly maxPageBytes: number;
  readonly scratchDir: string;
}

/**
 * Reads one leaf of one row group forward, page by page. Pages that cannot be read become rows with an error; only errors
 * of the source are thrown. Rows count from the start of the row group.
 */
export class LeafReader {
  readonly #context: LeafContext;
  readonly #queue: LoadedPage[] = [];
  #cursor: ByteCursor | undefined;
  /** Where in the file the cursor's bytes end. */
  #cursorEnd = 0;
  /** Pages still to be read, when their places are known. */
  #pages: IndexedPage[] | undefined;
  #dictionary: ValueList | undefined;
  #dictionaryError: CorruptDataError | undefined;
  /** First row that will be asked for. */
  #row = 0;
  /** First row that no loaded page has begun. */
  #nextRow = 0;
  #valuesLeft: number;
  #finished = false;
  readonly #spilled: AsyncDisposable[] = [];

  constructor(context: LeafContext) {
    this.#context = context;
    this.#pages = context.pages && [...context.pages];
    this.#valuesLeft = context.chunk.values;
    if (context.leaf.maxRepetition === 0 && context.chunk.values !== context.rows) {
      this.#loseRest(new CorruptDataError(`it has ${context.chunk.values} values in ${context.rows} rows`));
    }
  }

  /** Says that no row before this one will be asked for. */
  skipTo(row: number): void {
    this.#row = row;
    for (let page = this.#queue[0]; page && page.endRow <= row && isClosed(page); page = this.#queue[0]) {
      this.#queue.shift();
    }
  }

  /**
   * Loads pages until the rows from the current one up to `end` are there, or as many as `maxBytes` allow, but one at
   * least. @returns their end; all rows before it are readable, or none is.
   */
  async fit(end: number, maxBytes: number): Promise<number> {
    let bytes = 0;
    for (let row = this.#row; row < end; row++) {
      let page = this.#find(row);
      while (!page) {
        await this.#load();
        page = this.#find(row);
      }
      if (page.error) return row > this.#row ? row : Math.min(end, page.endRow);
      bytes += page.rowBytes(row);
      if (bytes > maxBytes && row > this.#row) return row;
    }
    return end;
  }

  /** Why the current row cannot be read. Valid after `fit`. */
  get error(): RowError | undefined {
    return this.#find(this.#row)?.error;
  }

  /** What the rows from the current one to `end` take in memory, roughly. Valid after `fit`. */
  bytesOf(end: number): number {
    let bytes = 0;
    for (let row = this.#row; row < end; row++) {
      const page = this.#find(row);
      if (page && !page.error) bytes += page.rowBytes(row);
    }
    return bytes;
  }

  /** Brings values that lie in a scratch file to memory, for the rows up to `end`. Valid after `fit`. */
  async prepare(end: number): Promise<void> {
    const pages = this.#queue.flatMap((page) => (page.error || page.firstRow > end ? [] : [page]));
    for (const page of pages) page.data.values.file?.release();
    for (const page of pages) {
      // Values before the page's first row go on with a row that began earlier.
      const from = page.firstRow <= this.#row ? page.valueAt(this.#row) : 0;
      const to = page.endRow > end ? page.valueAt(end) : page.data.values.length;
      await page.data.values.file?.load(from, to);
    }
  }

  /** Points `cursor` at a row that is readable. */
  seek(row: number, cursor: LeafCursor): void {
    const index = this.#queue.findIndex((page) => !page.error && row >= page.firstRow && row < page.endRow);
    const page = this.#queue[index];
    if (!page || page.error) throw new Error(`row ${row} has not been loaded`);
    const following: GoodPage[] = [];
    for (let i = index + 1; row === page.endRow - 1 && i < this.#queue.length; i++) {
      const next = this.#queue[i];
      if (!next || next.error) break;
      following.push(next);
      if (next.endRow > next.firstRow) break;
    }
    cursor.start(row, page, following);
  }

  async close(): Promise<void> {
    await this.#cursor?.close();
    await Promise.all(this.#spilled.map((file) => file[Symbol.asyncDispose]()));
  }

  /** The page that has the row, once the row is complete. */
  #find(row: number): LoadedPage | undefined {
    for (const page of this.#queue) {
      if (row < page.firstRow || row >= page.endRow) continue;
      if (page.error || row < page.endRow - 1 || page.closed) return page;
    }
    return undefined;
  }

  async #load(): Promise<void> {
    if (this.#finished) throw new Error(`${this.#context.name}: all pages have been read`);
    try {
      if (this.#pages) await this.#loadIndexed(this.#pages);
      else await this.#loadNext();
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      await this.#recover(error);
    }
  }

  /** Reads the page that comes next in the chunk. @throws {CorruptDataError} when what follows cannot be located. */
  async #loadNext(): Promise<void> {
    const { chunk, leaf, rows } = this.#context;
    this.#cursor ??= this.#openCursor(chunk.range);
    if (this.#valuesLeft === 0 && this.#nextRow === rows) return this.#finish();
    const header = await readPageHeader(this.#cursor, this.#valuesLeft);
    if (header.type === 'INDEX_PAGE') return this.#cursor.skip(header.compressed_page_size);
    if (header.type === 'DICTIONARY_PAGE') return this.#loadDictionary(header, this.#cursor);
    const count = leaf.maxRepetition === 0 ? header.values : header.data_page_header_v2?.num_rows;
    const endRow = count === undefined ? undefined : this.#nextRow + count;
    if (endRow !== undefined && endRow > rows) throw new CorruptDataError(`it has more than ${rows} rows`);
    this.#valuesLeft -= header.values;
    if (endRow !== undefined && endRow <= this.#row) {
      await this.#cursor.skip(header.compressed_page_size);
      this.#nextRow = endRow;
    } else {
      await this.#loadData(header, this.#cursor, endRow);
    }
    if (this.#valuesLeft === 0 && this.#nextRow === rows) this.#finish();
  }

  /** Reads the next page whose place is known; a broken one costs its own rows only. */
  async #loadIndexed(pages: IndexedPage[]): Promise<void> {
    const page = pages.shift();
    if (!page) throw new CorruptDataError('its offset index does not cover all rows');
    if (page.endRow <= this.#row) return;
    this.#nextRow = page.firstRow;
    try {
      const cursor = await this.#cursorAt(page, pages);
      const rest = this.#cursorEnd - page.end;
      const header = await readPageHeader(cursor, this.#context.chunk.values);
      if (header.compressed_page_size !== cursor.remaining - rest) {
        throw new CorruptDataError(`a page of ${page.end - page.start} bytes claims ${header.compressed_page_size}`);
      }
      if (header.type !== 'DATA_PAGE' && header.type !== 'DATA_PAGE_V2') {
        throw new CorruptDataError(`a page of type ${header.type} among the data pages`);
      }
      await this.#loadData(header, cursor, page.endRow);
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      this.#push(this.#badPage(page.firstRow, page.endRow, error));
    }
    if (pages.length === 0) this.#finish();
  }

  /** A cursor that stands before the page; it goes on over the pages that follow without a gap. */
  async #cursorAt(page: IndexedPage, later: readonly IndexedPage[]): Promise<ByteCursor> {
    if (this.#cursor && this.#cursorEnd >= page.end && this.#cursorEnd - this.#cursor.remaining <= page.start) {
      await this.#cursor.skip(page.start - (this.#cursorEnd - this.#cursor.remaining));
      return this.#cursor;
    }
    let { end } = page;
    for (const next of later) {
      if (next.start !== end) break;
      end = next.end;
    }
    await this.#cursor?.close();
    this.#cursor = this.#openCursor([page.start, end]);
    return this.#cursor;
  }

  #openCursor(range: Range): ByteCursor {
    [, this.#cursorEnd] = range;
    return new ByteCursor(this.#context.open(range), range[1] - range[0]);
  }

  /** @param endRow of the page, when it is known. @throws {CorruptDataError} when it is not, and the page is broken. */
  async #loadData(header: CheckedHeader, cursor: ByteCursor, endRow: number | undefined): Promise<void> {
    const { leaf, chunk } = this.#context;
    let data: PageData;
    try {
      if (this.#pages) await this.#dictionaryBefore(header);
      if (this.#dictionaryError && usesDictionary(header)) throw this.#dictionaryError;
      if (this.#isLarge(header)) {
        const page = await spillDataPage(header, cursor, leaf, chunk.codec, this.#context.scratchDir, this.#dictionary);
        this.#spilled.push(page);
        data = page.data;
      } else {
        const bytes = await cursor.read(header.compressed_page_size);
        data = corrupt(() => decodeDataPage(header, bytes, leaf, chunk.codec, this.#dictionary));
      }
      const page = new GoodPage(this.#nextRow, data, leaf.maxDefinition, endRow !== undefined);
      if (page.endRow > this.#context.rows || (endRow !== undefined && (page.endRow !== endRow || page.leading > 0))) {
        throw new CorruptDataError(`a page has rows ${page.firstRow} to ${page.endRow}, not to ${endRow}`);
      }
      if (page.leading > 0 && this.#nextRow === 0) throw new CorruptDataError('its first page goes on with a row');
      this.#push(page);
    } catch (error) {
      if (!(error instanceof CorruptDataError) || endRow === undefined) throw error;
      this.#push(this.#badPage(this.#nextRow, endRow, error));
    }
  }

  async #loadDictionary(header: CheckedHeader, cursor: ByteCursor): Promise<void> {
    const { leaf, chunk, scratchDir } = this.#context;
    try {
      if (this.#isLarge(header)) {
        const page = await spillDictionaryPage(header, cursor, leaf, chunk.codec, scratchDir);
        this.#spilled.push(page);
        this.#dictionary = page.values;
      } else {
        const bytes = await cursor.read(header.compressed_page_size);
        this.#dictionary = corrupt(() => decodeDictionaryPage(header, bytes, leaf, chunk.codec));
      }
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      this.#dictionaryError = dictionaryError(error);
    }
  }

  /** Reads the dictionary page when a page whose place is known needs it. */
  async #dictionaryBefore(header: CheckedHeader): Promise<void> {
    if (!usesDictionary(header) || this.#dictionary || this.#dictionaryError) return;
    const { chunk } = this.#context;
    if (chunk.dictionaryPage === undefined) return;
    const range: Range = [chunk.dictionaryPage, chunk.dataPage];
    const cursor = new ByteCursor(this.#context.open(range), range[1] - range[0]);
    try {
      const dictionary = await readPageHeader(cursor, chunk.values);
      if (dictionary.type !== 'DICTIONARY_PAGE') throw new CorruptDataError(`it is of type ${dictionary.type}`);
      await this.#loadDictionary(dictionary, cursor);
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      this.#dictionaryError = dictionaryError(error);
    } finally {
      await cursor.close();
    }
  }

  #isLarge({ compressed_page_size: compressed, uncompressed_page_size: uncompressed }: CheckedHeader): boolean {
    return Math.max(compressed, uncompressed) > this.#context.maxPageBytes;
  }

  /** What follows cannot be located by itself: the offset index may tell, else all later rows are lost. */
  async #recover(error: CorruptDataError): Promise<void> {
    const pages = this.#pages ? undefined : await this.#context.readIndex();
    await this.#cursor?.close();
    this.#cursor = undefined;
    const first = this.#firstIncomplete();
    const broken = pages?.find((page) => page.endRow > first);
    if (!pages || !broken) return this.#loseRest(error);
    this.#push(this.#badPage(first, broken.endRow, error));
    this.#pages = pages.filter((page) => page.firstRow >= broken.endRow && page.firstRow < this.#context.endRow);
    if (this.#pages.length === 0) this.#finish();
  }

  #loseRest(error: CorruptDataError): void {
    this.#push(this.#badPage(this.#firstIncomplete(), this.#context.rows, error));
    this.#finished = true;
  }

  /** The last row that has begun when it may go on in a page that is lost, else the row after it. */
  #firstIncomplete(): number {
    const last = this.#queue.findLast((page) => page.endRow > page.firstRow);
    return last && !isClosed(last) ? last.endRow - 1 : this.#nextRow;
  }

  #finish(): void {
    this.#closePages();
    this.#finished = true;
  }

  #push(page: LoadedPage): void {
    if (!page.error && page.endRow > page.firstRow) this.#closePages();
    this.#queue.push(page);
    this.#nextRow = page.endRow;
    this.skipTo(this.#row);
  }

  /** The rows that have begun are complete: another one begins, or the chunk ends. */
  #closePages(): void {
    for (const page of this.#queue) if (!page.error) page.closed = true;
  }

  #badPage(firstRow: number, endRow: number, cause: Error): BadPage {
    const message = `${this.#context.name} cannot be read: ${messageOf(cause)}`;
    return { firstRow, endRow, error: new RowError('unreadable_row', message, { cause }) };
  }
}

function usesDictionary(header: CheckedHeader): boolean {
  const { encoding } = header.data_page_header ?? header.data_page_header_v2 ?? {};
  return encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY';
}

function dictionaryError(cause: CorruptDataError): CorruptDataError {
  return new CorruptDataError(`its dictionary page is broken: ${cause.message}`, { cause });
}

function isClosed(page: LoadedPage): boolean {
  return page.error !== undefined || page.closed;
}

/** Makes whatever bytes can do to a decoder an error of its own. */
function corrupt<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CorruptDataError) throw error;
    throw new CorruptDataError(messageOf(error), { cause: error });
  }
}
