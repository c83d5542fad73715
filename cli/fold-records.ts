import type { RangeRecord } from '../lambdas/shared/jobs/range-ledger.ts';

/** What became of rows, in numbers. */
export interface Tally {
  readonly processed: number;
  readonly skipped: number;
  readonly failed: number;
  readonly storedBytes: number;
}

/** A record without its failures, which may be many: the part of a job's progress that is kept between two looks. */
export interface RecordTally extends Tally {
  readonly firstRow: number;
  /** Inclusive. */
  readonly lastRow: number;
}

export const NOTHING: Tally = { processed: 0, skipped: 0, failed: 0, storedBytes: 0 };

export function rowsDone({ processed, skipped, failed }: Tally): number {
  return processed + skipped + failed;
}

export function tallyRecord(record: RangeRecord): RecordTally {
  return {
    firstRow: record.first_row,
    lastRow: record.last_row,
    processed: record.processed,
    skipped: Object.values(record.skipped).reduce((sum, count) => sum + count, 0),
    failed: record.failures.length,
    storedBytes: record.stored_bytes,
  };
}

/**
 * Adds the records of a job up, each row once. A range that is taken apart has a record of its own and one for each of
 * its pieces, which begin the range's rows again, and a piece may be taken apart in turn: of a record and the records
 * that lie within its rows, those count that have come further.
 */
export function foldRecords(records: Iterable<RecordTally>): Tally {
  const ordered = [...records].sort((a, b) => a.firstRow - b.firstRow || b.lastRow - a.lastRow);
  let next = 0;
  const foldWithin = (lastRow: number): Tally => {
    let total = NOTHING;
    for (let record = ordered[next]; record && record.firstRow <= lastRow; record = ordered[next]) {
      next += 1;
      const pieces = foldWithin(record.lastRow);
      total = add(total, rowsDone(pieces) > rowsDone(record) ? pieces : record);
    }
    return total;
  };
  return foldWithin(Number.POSITIVE_INFINITY);
}

function add(a: Tally, b: Tally): Tally {
  return {
    processed: a.processed + b.processed,
    skipped: a.skipped + b.skipped,
    failed: a.failed + b.failed,
    storedBytes: a.storedBytes + b.storedBytes,
  };
}
