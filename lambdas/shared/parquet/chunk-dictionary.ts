import { ByteCursor } from './byte-cursor.ts';
import { CorruptDataError } from './corrupt-data-error.ts';
import { decodeDictionaryPage } from './decode-page.ts';
import type { LeafContext } from './leaf-context.ts';
import { type CheckedHeader, readPageHeader } from './page-header.ts';
import { readPayload } from './read-payload.ts';
import { spillDictionaryPage } from './spilled-page.ts';
import type { ValueList } from './value-list.ts';

/** The dictionary page of a column chunk. A broken one costs the rows of the pages that use it. */
export class ChunkDictionary implements AsyncDisposable {
  readonly #context: LeafContext;
  #values: ValueList | undefined;
  #error: CorruptDataError | undefined;
  #file: AsyncDisposable | undefined;

  constructor(context: LeafContext) {
    this.#context = context;
  }

  /** Reads the page that `cursor` stands before; in any case, the cursor stands behind it afterwards. */
  async read(header: CheckedHeader, cursor: ByteCursor): Promise<void> {
    const { leaf, chunk, scratchDir, maxPageBytes } = this.#context;
    const behind = cursor.remaining - header.compressed_page_size;
    try {
      if (Math.max(header.compressed_page_size, header.uncompressed_page_size) > maxPageBytes) {
        const { value, file } = await spillDictionaryPage(header, cursor, leaf, chunk.codec, scratchDir);
        this.#values = value;
        this.#file = file;
      } else {
        this.#values = decodeDictionaryPage(header, await readPayload(cursor, header, chunk.codec), leaf);
      }
    } catch (error) {
      this.#fail(error);
      await cursor.skip(cursor.remaining - behind);
    }
  }

  /**
   * The values, which are fetched if no page before held them.
   * @throws {CorruptDataError} when the page is broken or missing; and what the source throws.
   */
  async values(): Promise<ValueList> {
    if (!this.#values && !this.#error) await this.#fetch();
    if (this.#values) return this.#values;
    throw this.#error ?? new CorruptDataError('its dictionary page is missing');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]();
  }

  async #fetch(): Promise<void> {
    const { chunk, open } = this.#context;
    if (chunk.dictionaryPage === undefined) return;
    const cursor = new ByteCursor(open([chunk.dictionaryPage, chunk.dataPage]), chunk.dataPage - chunk.dictionaryPage);
    try {
      const header = await readPageHeader(cursor, chunk.values);
      if (header.type !== 'DICTIONARY_PAGE') throw new CorruptDataError(`it is of type ${header.type}`);
      await this.read(header, cursor);
    } catch (error) {
      this.#fail(error);
    } finally {
      await cursor.close();
    }
  }

  /** Keeps what a broken page is, and throws everything else. */
  #fail(error: unknown): void {
    if (!(error instanceof CorruptDataError)) throw error;
    this.#error = new CorruptDataError(`its dictionary page is broken: ${error.message}`, { cause: error });
  }
}
