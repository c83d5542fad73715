import type { GoodPage } from './loaded-page.ts';
import type { RawValue } from './value-list.ts';

/** Reads the triplets (repetition, definition, value) of one row of one leaf, in order. */
export class LeafCursor {
  readonly #maxDefinition: number;
  #page: GoodPage | undefined;
  #following: readonly GoodPage[] = [];
  #level = 0;
  #value = 0;
  #end = 0;

  constructor(maxDefinition: number) {
    this.#maxDefinition = maxDefinition;
  }

  /** @param following pages that go on with the row, when it is the last of `page` and not complete there. */
  start(row: number, page: GoodPage, following: readonly GoodPage[]): void {
    this.#page = page;
    this.#following = following;
    this.#level = page.levelAt(row);
    this.#value = page.valueAt(row);
    this.#end = page.levelAt(row + 1);
    this.#settle();
  }

  /** All triplets of the row have been consumed. */
  get done(): boolean {
    return this.#level >= this.#end;
  }

  /** Repetition level of the next triplet; 0 at the row's end. */
  get repetition(): number {
    return this.done ? 0 : (this.#page?.data.repetitions?.[this.#level] ?? 0);
  }

  /** Definition level of the next triplet; -1 at the row's end. */
  get definition(): number {
    if (this.done) return -1;
    return this.#page?.data.definitions?.[this.#level] ?? this.#maxDefinition;
  }

  /** Consumes a triplet: its value, or `undefined` when the definition level says that there is none. */
  next(): RawValue | undefined {
    const page = this.#page;
    if (!page || this.done) throw new Error('columns of the same struct, list or map have different lengths');
    const isThere = this.definition === this.#maxDefinition;
    this.#level++;
    const value = isThere ? page.data.values.at(this.#value++) : undefined;
    this.#settle();
    return value;
  }

  /** Goes on in the next page that has levels of this row. */
  #settle(): void {
    while (this.done) {
      const [next, ...others] = this.#following;
      if (!next) return;
      this.#page = next;
      this.#following = others;
      this.#level = 0;
      this.#value = 0;
      this.#end = next.leading;
    }
  }
}
