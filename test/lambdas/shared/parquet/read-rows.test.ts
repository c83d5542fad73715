import { describe, expect, it } from 'vitest';
import {
  expectedComparable,
  expectedRows,
  fixtureBytes,
  fixtureNames,
  layoutOf,
  readAll,
  requestAll,
  toComparable,
} from './fixtures.ts';
import { MemorySource } from './memory-source.ts';

const comparable = fixtureNames.filter((name) => !name.startsWith('big.'));

describe('readRows', () => {
  it.each(comparable)('reads %s as pyarrow does', async (name) => {
    const source = new MemorySource(fixtureBytes(name), { chunkBytes: 777 });
    const request = requestAll(await layoutOf(source));
    const rows = await readAll(source, request);
    const expected = expectedRows(name.split('.')[0] ?? '');
    expect(rows.map((row) => row.index)).toEqual(expected.map((_, i) => i));
    for (const [i, row] of rows.entries()) {
      expect('error' in row ? row.error : toComparable(row.values)).toEqual(expectedComparable(expected[i]));
    }
  });
});
