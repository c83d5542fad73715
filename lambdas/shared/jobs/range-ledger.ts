import type { ResumePoint } from '../parquet/page-trail.ts';
import type { RowFailure } from './row-failure.ts';

/** Why a row was left as it is: its scene is there already, at this revision; or a person has decided about it. */
export type SkipReason = 'exists' | 'reviewed';

export type RowOutcome = 'processed' | { readonly skipped: SkipReason } | { readonly failed: RowFailure };

/**
 * What became of the rows `[first_row, next_row)`; one object a range (or piece of one) under a fixed key. It is
 * complete when `next_row` is past `last_row`; before, it is where the next invocation goes on.
 */
export interface RangeRecord {
  readonly first_row: number;
  readonly last_row: number;
  readonly next_row: number;
  readonly processed: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  readonly failures: readonly RowFailure[];
  /** Bytes of images written to the bucket. */
  readonly stored_bytes: number;
  /** Bytes that came from the Hub, and requests that they took. */
  readonly fetched_bytes: number;
  readonly hub_requests: number;
  /** Where the file's bytes for `next_row` lie, so that the next invocation does not read again what lies before. */
  readonly resume?: ResumePoint;
}

export function isComplete(record: RangeRecord): boolean {
  return record.next_row > record.last_row;
}

/**
 * Settles the rows of a range, in any order, each once. Only rows up to the first one that is still open are counted,
 * so that a record never speaks of a row twice however often its range is begun anew.
 */
export class RangeLedger {
  readonly #firstRow: number;
  readonly #lastRow: number;
  #nextRow: number;
  #processed: number;
  #storedBytes: number;
  #fetchedBytes: number;
  #hubRequests: number;
  readonly #skipped: Partial<Record<SkipReason, number>>;
  readonly #failures: RowFailure[];
  /** Rows settled ahead of the first open one. */
  readonly #ahead = new Map<number, RowOutcome>();

  /** @param record what is known already, of the same rows */
  constructor(rows: { first: number; last: number }, record?: RangeRecord) {
    this.#firstRow = rows.first;
    this.#lastRow = rows.last;
    this.#nextRow = record?.next_row ?? rows.first;
    this.#processed = record?.processed ?? 0;
    this.#skipped = { ...record?.skipped };
    this.#failures = [...(record?.failures ?? [])];
    this.#storedBytes = record?.stored_bytes ?? 0;
    this.#fetchedBytes = record?.fetched_bytes ?? 0;
    this.#hubRequests = record?.hub_requests ?? 0;
  }

  /** The first row that is not settled; past the last when all are. */
  get nextRow(): number {
    return this.#nextRow;
  }

  get isComplete(): boolean {
    return this.#nextRow > this.#lastRow;
  }

  isSettled(index: number): boolean {
    return index < this.#nextRow || this.#ahead.has(index);
  }

  /** The rows that are not settled, in order. */
  *openRows(): Iterable<number> {
    for (let index = this.#nextRow; index <= this.#lastRow; index++) if (!this.#ahead.has(index)) yield index;
  }

  /** The first outcome of a row holds. */
  settle(index: number, outcome: RowOutcome): void {
    if (this.isSettled(index) || index > this.#lastRow) return;
    this.#ahead.set(index, outcome);
    for (let next = this.#ahead.get(this.#nextRow); next; next = this.#ahead.get(this.#nextRow)) {
      this.#ahead.delete(this.#nextRow);
      this.#nextRow += 1;
      if (next === 'processed') this.#processed += 1;
      else if ('failed' in next) this.#failures.push(next.failed);
      else this.#skipped[next.skipped] = (this.#skipped[next.skipped] ?? 0) + 1;
    }
  }

  /** Adds what a piece of these rows came to. */
  addPiece(piece: RangeRecord): void {
    if (piece.first_row !== this.#nextRow) throw new RangeError(`row ${piece.first_row} does not follow`);
    this.#nextRow = piece.next_row;
    this.#processed += piece.processed;
    for (const [reason, count] of Object.entries(piece.skipped) as [SkipReason, number][]) {
      this.#skipped[reason] = (this.#skipped[reason] ?? 0) + count;
    }
    this.#failures.push(...piece.failures);
    this.addTraffic({ stored: piece.stored_bytes, fetched: piece.fetched_bytes, requests: piece.hub_requests });
  }

  addTraffic({
    stored = 0,
    fetched = 0,
    requests = 0,
  }: {
    stored?: number;
    fetched?: number;
    requests?: number;
  }): void {
    this.#storedBytes += stored;
    this.#fetchedBytes += fetched;
    this.#hubRequests += requests;
  }

  record(): RangeRecord {
    return {
      first_row: this.#firstRow,
      last_row: this.#lastRow,
      next_row: this.#nextRow,
      processed: this.#processed,
      skipped: this.#skipped,
      failures: this.#failures,
      stored_bytes: this.#storedBytes,
      fetched_bytes: this.#fetchedBytes,
      hub_requests: this.#hubRequests,
    };
  }
}
