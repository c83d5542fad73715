import type { RowError } from '../jobs/row-failure.ts';
import type { PageData } from './decode-page.ts';

/** What a level costs as part of an assembled row, roughly. */
const LEVEL_BYTES = 8;

/** Rows that one leaf's page holds, or rows of it that cannot be read. Rows count from the start of the row group. */
export type LoadedPage = GoodPage | BadPage;

export interface BadPage {
  readonly firstRow: number;
  readonly endRow: number;
  readonly error: RowError;
}

/** A decoded page with the places where its rows begin. */
export class GoodPage {
  readonly error = undefined;
  /** First row that begins in this page; levels before it go on with the row before. */
  readonly firstRow: number;
  /** Exclusive. */
  readonly endRow: number;
  readonly data: PageData;
  /** Its last row does not go on in the next page. */
  closed: boolean;
  readonly file: AsyncDisposable | undefined;
  /** Level at which each row begins; `undefined` when a row is a level. */
  readonly #levels: Uint32Array | undefined;
  /** Value at which each row begins; `undefined` when a row is a value. */
  readonly #values: Uint32Array | undefined;

  /** @param file that the values lie in, when the page is too large for memory; to be closed with the page. */
  constructor(firstRow: number, data: PageData, maxDefinition: number, closed: boolean, file?: AsyncDisposable) {
    this.firstRow = firstRow;
    this.file = file;
    this.data = data;
    this.closed = closed;
    const { repetitions, definitions, length } = data;
    if (repetitions || definitions) {
      const levels = new Uint32Array(length);
      const values = new Uint32Array(length);
      let rows = 0;
      let value = 0;
      for (let i = 0; i < length; i++) {
        if (!repetitions || repetitions[i] === 0) {
          levels[rows] = i;
          values[rows++] = value;
        }
        if (!definitions || definitions[i] === maxDefinition) value++;
      }
      this.#levels = repetitions ? levels.subarray(0, rows) : undefined;
      this.#values = values.subarray(0, rows);
    }
    this.endRow = firstRow + (this.#levels?.length ?? length);
  }

  /** Levels before this one belong to a row that began in an earlier page. */
  get leading(): number {
    return this.levelAt(this.firstRow);
  }

  levelAt(row: number): number {
    return this.#levels ? (this.#levels[row - this.firstRow] ?? this.data.length) : row - this.firstRow;
  }

  valueAt(row: number): number {
    return this.#values ? (this.#values[row - this.firstRow] ?? this.data.values.length) : row - this.firstRow;
  }

  /** Bytes that the part of a row in this page takes once it is assembled, roughly. */
  rowBytes(row: number): number {
    let bytes = (this.levelAt(row + 1) - this.levelAt(row)) * LEVEL_BYTES;
    for (let i = this.valueAt(row), end = this.valueAt(row + 1); i < end; i++) bytes += this.data.values.sizeAt(i);
    return bytes;
  }
}
