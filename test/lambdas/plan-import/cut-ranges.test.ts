import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutRanges, MAX_RANGE_ROWS, RANGE_BYTES } from '../../../lambdas/plan-import/cut-ranges.ts';

const MB = 1024 * 1024;

it.each([
  { name: 'joins small row groups', groups: Array(7).fill([100, 1 * MB, false]), spans: [500, 200] },
  { name: 'ends a range at its bytes', groups: Array(4).fill([100, 12 * MB, false]), spans: [200, 200] },
  { name: 'cuts a large indexed group evenly', groups: [[600, 96 * MB, true]], spans: [200, 200, 200] },
  {
    name: 'keeps a large group without index whole',
    groups: [
      [1000, 5000 * MB, false],
      [10, MB, false],
    ],
    spans: [1000, 10],
  },
  {
    name: 'passes over empty groups',
    groups: [
      [0, 0, true],
      [3, 9, true],
      [0, 0, false],
    ],
    spans: [3],
  },
  { name: 'has nothing for no rows', groups: [[0, 0, false]], spans: [] },
] as { name: string; groups: [number, number, boolean][]; spans: number[] }[])('$name', ({ groups, spans }) => {
  const planned = groups.map(([rows, bytes, isIndexed]) => ({ rows, bytes, isIndexed }));
  expect(cutRanges(planned, true).map(({ rows }) => rows)).toEqual(spans);
});

it('cuts a group of references without index, as long as reading it again is cheap', () => {
  expect(cutRanges([{ rows: 2000, bytes: MB, isIndexed: false }], false)).toHaveLength(4);
  expect(cutRanges([{ rows: 1_000_000, bytes: 100 * MB, isIndexed: false }], false)).toHaveLength(1);
});

it('covers every row once, in order, within the limits', () => {
  const group = fc.record({ rows: fc.nat(5000), bytes: fc.nat(200 * MB), isIndexed: fc.boolean() });
  fc.assert(
    fc.property(fc.array(group, { maxLength: 30 }), fc.boolean(), (groups, holdsImages) => {
      let next = 0;
      for (const span of cutRanges(groups, holdsImages)) {
        expect(span.firstRow).toBe(next);
        expect(span.rows).toBeGreaterThan(0);
        next += span.rows;
        const isOneGroup = span.firstGroup === span.lastGroup;
        const isWhole = isOneGroup && groups[span.firstGroup]?.rows === span.rows;
        const isCuttable = isOneGroup && groups[span.firstGroup]?.isIndexed;
        if (!isWhole && !isOneGroup) expect(span.bytes).toBeLessThanOrEqual(RANGE_BYTES);
        if (!isOneGroup || isCuttable) expect(span.rows).toBeLessThanOrEqual(MAX_RANGE_ROWS);
      }
      expect(next).toBe(groups.reduce((sum, { rows }) => sum + rows, 0));
    }),
  );
});
