import { messageOf } from '../errors.ts';
import { RowError } from '../jobs/row-failure.ts';
import { ByteCursor } from './byte-cursor.ts';
import { ChunkDictionary } from './chunk-dictionary.ts';
import { CorruptDataError } from './corrupt-data-error.ts';
import { decodeDataPage, pageEncoding } from './decode-page.ts';
import type { Range } from './file-layout.ts';
import type { LeafContext } from './leaf-context.ts';
import { type BadPage, GoodPage } from './loaded-page.ts';
import type { IndexedPage } from './offset-index.ts';
import { type CheckedHeader, readPageHeader } from './page-header.ts';
import { PageQueue } from './page-queue.ts';
import { readPayload } from './read-payload.ts';
import { spillDataPage } from './spilled-page.ts';
import type { ValueList } from './value-list.ts';

/**
 * Reads one leaf of one row group forward, page by page. Pages that cannot be read become rows with an error; only errors
 * of the source are thrown. Rows count from the start of the row group.
 */
export class LeafReader {
  /** What has been loaded; complete up to where `fit` says. */
  readonly queue = new PageQueue();
  readonly #context: LeafContext;
  readonly #dictionary: ChunkDictionary;
  #cursor: ByteCursor | undefined;
  /** Where in the file the cursor's bytes end. */
  #cursorEnd = 0;
  /** Pages still to be read, when their places are known. */
  #pages: IndexedPage[] | undefined;
  #valuesLeft: number;
  /** Where the dictionary page lies, once it has been come upon. */
  #dictionaryRange: Range | undefined;
  #finished = false;

  constructor(context: LeafContext) {
    this.#context = context;
    this.#dictionary = new ChunkDictionary(context);
    this.#pages = context.pages && [...context.pages];
    const { chunk, from } = context;
    this.#valuesLeft = chunk.values - (from?.values ?? 0);
    this.#dictionaryRange = from?.dictionary;
    this.queue.skipRows(from?.row ?? 0);
  }

  /**
   * Loads pages until the rows from the current one up to `end` are there, or as many as `maxBytes` allow, but one at
   * least. @returns their end; all rows before it are readable, or none is.
   */
  async fit(end: number, maxBytes: number): Promise<number> {
    const { queue } = this;
    let bytes = 0;
    for (let { row } = queue; row < end; row++) {
      let page = queue.find(row);
      while (!page) {
        await this.#load();
        page = queue.find(row);
      }
      if (page.error) return row > queue.row ? row : Math.min(end, page.endRow);
      bytes += page.rowBytes(row);
      if (bytes > maxBytes && row > queue.row) return row;
    }
    return end;
  }

  async close(): Promise<void> {
    await this.#cursor?.close();
    await this.queue.close();
    await this.#dictionary[Symbol.asyncDispose]();
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
    const { chunk, leaf, rows, from } = this.#context;
    const isFlat = leaf.maxRepetition === 0;
    if (isFlat && chunk.values !== rows) throw new CorruptDataError(`it has ${chunk.values} values in ${rows} rows`);
    this.#cursor ??= this.#openCursor([from?.offset ?? chunk.range[0], chunk.range[1]]);
    const offset = this.#offset(this.#cursor);
    const header = await readPageHeader(this.#cursor, this.#valuesLeft);
    if (header.type === 'INDEX_PAGE') return this.#cursor.skip(header.compressed_page_size);
    if (header.type === 'DICTIONARY_PAGE') {
      await this.#dictionary.read(header, this.#cursor);
      this.#dictionaryRange = [offset, this.#offset(this.#cursor)];
      return;
    }
    const count = isFlat ? header.values : header.data_page_header_v2?.num_rows;
    const endRow = count === undefined ? undefined : this.queue.nextRow + count;
    if (endRow !== undefined && endRow > rows) throw new CorruptDataError(`it has more than ${rows} rows`);
    this.#valuesLeft -= header.values;
    if (endRow !== undefined && endRow <= this.queue.row) {
      await this.#cursor.skip(header.compressed_page_size);
      this.queue.skipRows(endRow);
    } else {
      await this.#loadData(header, this.#cursor, endRow);
    }
    if (this.#valuesLeft > 0) this.#remember(this.#cursor);
    else if (this.queue.nextRow === rows) this.#finish();
  }

  /** Says where the next page begins. */
  #remember(cursor: ByteCursor): void {
    const { chunk, remember } = this.#context;
    remember({
      chunk: chunk.range[0],
      offset: this.#offset(cursor),
      row: this.queue.nextRow,
      values: chunk.values - this.#valuesLeft,
      dictionary: this.#dictionaryRange,
    });
  }

  /** Reads the next page whose place is known; a broken one costs its own rows only. */
  async #loadIndexed(pages: IndexedPage[]): Promise<void> {
    const page = pages.shift();
    if (!page) throw new CorruptDataError('its offset index does not cover all rows');
    if (page.endRow <= this.queue.row) return;
    this.queue.skipRows(page.firstRow);
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
      await this.queue.push(this.#badPage(page.firstRow, page.endRow, error));
    }
    if (pages.length === 0) this.#finish();
  }

  /** A cursor that stands before the page; it goes on over the pages that follow without a gap. */
  async #cursorAt(page: IndexedPage, later: readonly IndexedPage[]): Promise<ByteCursor> {
    if (this.#cursor && this.#cursorEnd >= page.end && this.#offset(this.#cursor) <= page.start) {
      await this.#cursor.skip(page.start - this.#offset(this.#cursor));
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

  /** Where in the file the cursor stands. */
  #offset(cursor: ByteCursor): number {
    return this.#cursorEnd - cursor.remaining;
  }

  #openCursor(range: Range): ByteCursor {
    [, this.#cursorEnd] = range;
    return new ByteCursor(this.#context.open(range), range[1] - range[0]);
  }

  /** @param endRow of the page, when it is known. @throws {CorruptDataError} when it is not, and the page is broken. */
  async #loadData(header: CheckedHeader, cursor: ByteCursor, endRow: number | undefined): Promise<void> {
    const behind = cursor.remaining - header.compressed_page_size;
    try {
      await this.queue.push(await this.#readData(header, cursor, endRow));
    } catch (error) {
      if (!(error instanceof CorruptDataError) || endRow === undefined) throw error;
      await this.queue.push(this.#badPage(this.queue.nextRow, endRow, error));
      await cursor.skip(cursor.remaining - behind);
    }
  }

  async #readData(header: CheckedHeader, cursor: ByteCursor, endRow: number | undefined): Promise<GoodPage> {
    const { leaf, chunk, scratchDir, maxPageBytes } = this.#context;
    const dictionary = await this.#dictionaryFor(header);
    const isLarge = Math.max(header.compressed_page_size, header.uncompressed_page_size) > maxPageBytes;
    const { value, file } = isLarge
      ? await spillDataPage(header, cursor, leaf, chunk.codec, scratchDir, dictionary)
      : {
          value: decodeDataPage(header, await readPayload(cursor, header, chunk.codec), leaf, dictionary),
          file: undefined,
        };
    const page = new GoodPage(this.queue.nextRow, value, leaf.maxDefinition, endRow !== undefined, file);
    try {
      this.#checkRows(page, endRow);
    } catch (error) {
      await file?.[Symbol.asyncDispose]();
      throw error;
    }
    return page;
  }

  async #dictionaryFor(header: CheckedHeader): Promise<ValueList | undefined> {
    const encoding = pageEncoding(header);
    return encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY' ? this.#dictionary.values() : undefined;
  }

  #checkRows(page: GoodPage, endRow: number | undefined): void {
    const { rows } = this.#context;
    const isWhole = endRow === undefined || (page.endRow === endRow && page.leading === 0);
    if (page.endRow > rows || !isWhole || (page.leading > 0 && page.firstRow === 0)) {
      throw new CorruptDataError(`a page has rows ${page.firstRow} to ${page.endRow}, not to ${endRow ?? rows}`);
    }
  }

  /** What follows cannot be located by itself: the offset index may tell, else all later rows are lost. */
  async #recover(error: CorruptDataError): Promise<void> {
    const pages = this.#pages ? undefined : await this.#context.readIndex();
    await this.#cursor?.close();
    this.#cursor = undefined;
    const first = this.queue.firstIncomplete();
    const broken = pages?.find((page) => page.endRow > first);
    if (!pages || !broken) return this.#loseRest(error);
    await this.queue.push(this.#badPage(first, broken.endRow, error));
    this.#pages = pages.filter((page) => page.firstRow >= broken.endRow && page.firstRow < this.#context.endRow);
    if (this.#pages.length === 0) this.#finish();
  }

  async #loseRest(error: CorruptDataError): Promise<void> {
    await this.queue.push(this.#badPage(this.queue.firstIncomplete(), this.#context.rows, error));
    this.#finished = true;
  }

  #finish(): void {
    this.queue.closePages();
    this.#finished = true;
  }

  #badPage(firstRow: number, endRow: number, cause: Error): BadPage {
    const message = `${this.#context.name} cannot be read: ${messageOf(cause)}`;
    return { firstRow, endRow, error: new RowError('unreadable_row', message, { cause }) };
  }
}
