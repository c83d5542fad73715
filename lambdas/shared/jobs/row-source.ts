import type { RowError } from './row-failure.ts';

/** A row as its file holds it. `values` has no prototype, so that a column may be called anything. */
export interface SourceRow {
  /** Dataset-wide row index, from 0. */
  readonly index: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A row whose bytes cannot be read: it fails alone, and the others go on. */
export interface UnreadableRow {
  readonly index: number;
  readonly error: RowError;
}

export type ReadRow = SourceRow | UnreadableRow;

/**
 * Rows of one range in ascending order, in batches that are small (some MB) and bounded. The next batch is read only
 * when it is asked for, one ahead at most; binary values are views into the batch's buffers and keep them alive.
 */
export type RowBatches = AsyncIterable<readonly ReadRow[]>;
