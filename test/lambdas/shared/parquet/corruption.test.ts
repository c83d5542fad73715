import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../../lambdas/shared/errors.ts';
import type { ReadRow } from '../../../../lambdas/shared/jobs/row-source.ts';
import { ByteCursor } from '../../../../lambdas/shared/parquet/byte-cursor.ts';
import type { FileLayout, Range } from '../../../../lambdas/shared/parquet/file-layout.ts';
import { readPageHeader } from '../../../../lambdas/shared/parquet/page-header.ts';
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

const files = new Map(
  fixtureNames.filter((name) => /^(images|types|nested)\./.test(name)).map((name) => [name, fixtureBytes(name)]),
);

/** What can happen to a file: bytes change, bytes go missing. Places are fractions of its size. */
const damage = fc.oneof(
  fc.record({
    kind: fc.constant('change' as const),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    mask: fc.integer({ min: 1, max: 255 }),
    length: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    kind: fc.constant('remove' as const),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    mask: fc.constant(0),
    length: fc.integer({ min: 1, max: 3000 }),
  }),
);

function damaged(
  bytes: Buffer,
  at: number,
  { kind, mask, length }: { kind: string; mask: number; length: number },
): Buffer {
  if (kind === 'remove') return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
  return Buffer.from(bytes.map((byte, i) => (i >= at && i < at + length ? byte ^ mask : byte)));
}

async function readOrRefuse(bytes: Buffer, windowBytes: number | undefined): Promise<ReadRow[] | undefined> {
  const source = new MemorySource(bytes);
  try {
    const request = requestAll(await layoutOf(source), { windowBytes });
    const rows = await readAll(source, request);
    expect(rows.map((row) => row.index)).toEqual(Array.from({ length: request.endRow }, (_, i) => i));
    return rows;
  } catch (error) {
    if (error instanceof BadInputError) return undefined;
    throw error;
  }
}

/** The bytes of each page without its header, and how many rows it has in a column that is not nested. */
async function payloads(bytes: Buffer, layout: FileLayout): Promise<{ column: string; range: Range; rows: number }[]> {
  const pages = [];
  for (const { column, range, values } of layout.rowGroups.flatMap(({ chunks }) => chunks)) {
    const cursor = new ByteCursor(new MemorySource(bytes).stream(...range), range[1] - range[0]);
    while (cursor.remaining > 0) {
      const header = await readPageHeader(cursor, values);
      const start = range[1] - cursor.remaining;
      if (header.compressed_page_size > 0)
        pages.push({ column, range: [start, start + header.compressed_page_size] as const, rows: header.values });
      await cursor.skip(header.compressed_page_size);
    }
  }
  return pages;
}

describe('a damaged file', () => {
  it('gives every row exactly once, readable or not, or is refused as a whole', async () => {
    const windows = fc.constantFrom(undefined, 8);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), damage, windows, async ([, bytes], what, windowBytes) => {
        await readOrRefuse(damaged(bytes, Math.floor(what.at * bytes.length), what), windowBytes);
      }),
      { numRuns: 150 },
    );
  });

  it('does so when its footer lies', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), damage, async ([, bytes], what) => {
        const footer = bytes.readUInt32LE(bytes.length - 8) + 8;
        await readOrRefuse(damaged(bytes, bytes.length - 1 - Math.floor(what.at * footer), what), undefined);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['images.none-plain-v1-index.parquet', undefined],
    ['images.none-plain-v1-index.parquet', 8],
    ['images.snappy-dictionary-v1-index.parquet', undefined],
    ['images.snappy-dictionary-v2-checksum.parquet', undefined],
    ['images.snappy-dictionary-v2-checksum.parquet', 8],
  ])(
    'with checksums, %s loses the rows of the broken page and gives the others right (window %s)',
    async (name, windowBytes) => {
      const bytes = fixtureBytes(name);
      const expected = expectedRows('images').map(expectedComparable);
      const pages = await payloads(bytes, await layoutOf(new MemorySource(bytes)));
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...pages), damage, async ({ column, range: [start, end] }, { at, mask }) => {
          const where = start + Math.floor(at * (end - start));
          const broken = damaged(bytes, where, { kind: 'change', mask: mask || 1, length: 1 });
          const rows = (await readOrRefuse(broken, windowBytes)) ?? [];
          expect(rows.length).toBe(expected.length);
          for (const row of rows) {
            if ('values' in row) expect(toComparable(row.values)).toEqual(expected[row.index]);
            else
              expect(row.error).toMatchObject({
                reason: 'unreadable_row',
                message: expect.stringContaining(`column ${column}`),
              });
          }
          const lost = rows.filter((row) => 'error' in row).length;
          expect(lost).toBeGreaterThan(0);
          expect(lost).toBeLessThanOrEqual(25); // a row group, when what is lost is its dictionary
        }),
        { numRuns: 25 },
      );
    },
  );

  it('loses the rows of a page whose header is broken, and goes on behind it by the offset index', async () => {
    const bytes = fixtureBytes('images.none-plain-v1-index.parquet');
    const pages = await payloads(bytes, await layoutOf(new MemorySource(bytes)));
    const lost: number[] = [];
    for (const { column, range } of pages) {
      if (column !== 'image') continue;
      const header = Math.max(4, ...pages.map((page) => page.range[1]).filter((end) => end < range[0]));
      const broken = damaged(bytes, header, { kind: 'change', mask: 0xff, length: 1 });
      const rows = (await readOrRefuse(broken, undefined)) ?? [];
      lost.push(rows.filter((row) => 'error' in row).length);
    }
    expect(lost).toEqual(pages.filter(({ column }) => column === 'image').map(({ rows }) => rows));
  });
});
