import { CorruptDataError } from './corrupt-data-error.ts';

/** A value as its physical type holds it. */
export type RawValue = Uint8Array | number | bigint | boolean;

/** The values of a page that are there (nulls are not among them), decoded one by one when asked for. */
export interface ValueList {
  readonly length: number;
  at(index: number): RawValue;
  /** Bytes that the value keeps in memory once it is handed out; used to bound batches. */
  sizeAt(index: number): number;
  /** Set when the values lie in a scratch file: `at` may be asked for what has been loaded only. */
  readonly file?: StoredValues;
}

export interface StoredValues {
  /** Brings the values `[from, to)` to memory. */
  load(from: number, to: number): Promise<void>;
  /** Brings single values to memory. */
  loadEach(indices: Iterable<number>): Promise<void>;
  /** Forgets what has been loaded. */
  release(): void;
}

/** Roughly what a number costs as a JavaScript value in an array. */
const NUMBER_BYTES = 8;

export class NumberValues implements ValueList {
  readonly length: number;
  readonly #values: ArrayLike<number | bigint | boolean>;

  constructor(values: ArrayLike<number | bigint | boolean>) {
    this.#values = values;
    this.length = values.length;
  }

  at(index: number): RawValue {
    const value = this.#values[index];
    if (value === undefined) throw new CorruptDataError('a page has fewer values than its levels say');
    return value;
  }

  sizeAt(): number {
    return NUMBER_BYTES;
  }
}

/** Byte arrays within one buffer: views of it, no copies. Value `i` is `[starts[i], ends[i])`. */
export class BytesValues implements ValueList {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;

  constructor(bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array) {
    this.#bytes = bytes;
    this.#starts = starts;
    this.#ends = ends;
    this.length = starts.length;
  }

  at(index: number): RawValue {
    if (index >= this.length) throw new CorruptDataError('a page has fewer values than its levels say');
    return this.#bytes.subarray(this.#starts[index], this.#ends[index]);
  }

  sizeAt(index: number): number {
    return NUMBER_BYTES + (this.#ends[index] ?? 0) - (this.#starts[index] ?? 0);
  }
}

export class DictionaryValues implements ValueList {
  readonly length: number;
  readonly file: StoredValues | undefined;
  readonly #dictionary: ValueList;
  readonly #indices: Int32Array;

  /** @throws {CorruptDataError} when an index is outside the dictionary. */
  constructor(dictionary: ValueList, indices: Int32Array) {
    for (const index of indices) {
      if (index < 0 || index >= dictionary.length) {
        throw new CorruptDataError(`index ${index} in a dictionary of ${dictionary.length}`);
      }
    }
    this.#dictionary = dictionary;
    this.#indices = indices;
    this.length = indices.length;
    this.file = dictionary.file && {
      load: (from, to) => dictionary.file?.loadEach(indices.subarray(from, to)) ?? Promise.resolve(),
      loadEach: (wanted) => dictionary.file?.loadEach(Array.from(wanted, (i) => indices[i] ?? -1)) ?? Promise.resolve(),
      release: () => dictionary.file?.release(),
    };
  }

  at(index: number): RawValue {
    return this.#dictionary.at(this.#indices[index] ?? -1);
  }

  sizeAt(index: number): number {
    return this.#dictionary.sizeAt(this.#indices[index] ?? -1);
  }
}
