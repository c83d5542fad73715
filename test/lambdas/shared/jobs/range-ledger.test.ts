import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isComplete, RangeLedger, type RowOutcome } from '../../../../lambdas/shared/jobs/range-ledger.ts';

const outcome = (index: number, kind: number): RowOutcome => {
  if (kind === 0) return 'processed';
  if (kind === 1) return { skipped: 'exists' };
  return { failed: { index, reason: 'crash', message: 'died', image: null } };
};

it('counts every row once, whatever the order, and however often the range is begun anew', () => {
  const rows = fc.array(fc.nat(2), { minLength: 1, maxLength: 40 }).chain((kinds) =>
    fc.record({
      kinds: fc.constant(kinds),
      order: fc.shuffledSubarray([...kinds.keys()], { minLength: kinds.length }),
      restarts: fc.array(fc.nat(kinds.length)),
    }),
  );
  fc.assert(
    fc.property(rows, ({ kinds, order, restarts }) => {
      const range = { first: 100, last: 100 + kinds.length - 1 };
      let ledger = new RangeLedger(range);
      for (const [step, offset] of order.entries()) {
        // a worker that died hands on its last record, and all rows after it are gone through again
        if (restarts.includes(step)) ledger = new RangeLedger(range, JSON.parse(JSON.stringify(ledger.record())));
        ledger.settle(100 + offset, outcome(100 + offset, kinds[offset] ?? 0));
      }
      for (const index of [...ledger.openRows()]) ledger.settle(index, outcome(index, kinds[index - 100] ?? 0));

      const record = ledger.record();
      expect(isComplete(record)).toBe(true);
      const count = (kind: number) => kinds.filter((k) => k === kind).length;
      expect(record.processed).toBe(count(0));
      expect(record.skipped.exists ?? 0).toBe(count(1));
      expect(record.failures.map(({ index }) => index)).toEqual(
        kinds.flatMap((kind, offset) => (kind === 2 ? [100 + offset] : [])),
      );
    }),
  );
});

it('keeps the first outcome of a row, and none past the last', () => {
  const ledger = new RangeLedger({ first: 0, last: 1 });
  ledger.settle(0, 'processed');
  ledger.settle(0, { skipped: 'exists' });
  ledger.settle(2, 'processed');
  expect(ledger.record()).toMatchObject({ next_row: 1, processed: 1, skipped: {} });
});
