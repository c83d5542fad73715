import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldRecords, type RecordTally, rowsDone } from '../../cli/fold-records.ts';

/** Rows `[first, last]`, of which so many are done. */
function record(first: number, last: number, done: number): RecordTally {
  return { firstRow: first, lastRow: last, processed: done, skipped: 0, failed: 0, storedBytes: done * 10 };
}

describe('foldRecords', () => {
  it.each([
    { name: 'no record', records: [], done: 0 },
    { name: 'ranges side by side', records: [record(0, 9, 10), record(10, 19, 3)], done: 13 },
    {
      name: 'a range that died at row 6, and its pieces behind that',
      records: [record(0, 19, 6), record(0, 4, 5), record(5, 9, 2)],
      done: 7,
    },
    {
      name: 'a range that died further than its pieces have come',
      records: [record(0, 19, 6), record(0, 4, 2)],
      done: 6,
    },
    {
      name: 'a piece that was taken apart in turn',
      records: [record(0, 8, 0), record(0, 2, 3), record(3, 5, 0), record(3, 3, 1), record(4, 4, 1), record(6, 8, 3)],
      done: 8,
    },
    {
      name: 'a range that was recorded from its pieces',
      records: [record(0, 3, 4), record(0, 1, 2), record(2, 3, 2)],
      done: 4,
    },
    { name: 'a range of one row with a piece of the same rows', records: [record(7, 7, 1), record(7, 7, 1)], done: 1 },
  ])('counts each row once: $name', ({ records, done }) => {
    const tally = foldRecords(records.toReversed());
    expect(rowsDone(tally)).toBe(done);
    expect(tally.storedBytes).toBe(done * 10);
  });

  it('never counts more rows than there are, nor fewer than the ranges say', () => {
    const ranges = fc.array(
      fc.record({
        rows: fc.integer({ min: 1, max: 30 }),
        done: fc.nat(30),
        chunk: fc.integer({ min: 1, max: 8 }),
        pieces: fc.nat(30),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(ranges, (specs) => {
        const records: RecordTally[] = [];
        let first = 0;
        let least = 0;
        for (const { rows, done, chunk, pieces } of specs) {
          const own = Math.min(rows, done);
          records.push(record(first, first + rows - 1, own));
          for (let at = 0; at < Math.min(rows, pieces); at += chunk) {
            const last = Math.min(at + chunk, rows) - 1;
            records.push(record(first + at, first + last, last - at + 1));
          }
          first += rows;
          least += own;
        }
        const done = rowsDone(foldRecords(records));
        expect(done).toBeLessThanOrEqual(first);
        expect(done).toBeGreaterThanOrEqual(least);
      }),
    );
  });
});
