import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { ReadRow } from '../../../../lambdas/shared/jobs/row-source.ts';
import { ByteCursor } from '../../../../lambdas/shared/parquet/byte-cursor.ts';
import type { ChunkLayout } from '../../../../lambdas/shared/parquet/file-layout.ts';
import { readPageHeader } from '../../../../lambdas/shared/parquet/page-header.ts';
import { type PagePosition, PageTrail, type ResumePoint } from '../../../../lambdas/shared/parquet/page-trail.ts';
import { type ReadRowsRequest, readRows } from '../../../../lambdas/shared/parquet/read-rows.ts';
import {
  expectedComparable,
  expectedRows,
  fixtureBytes,
  layoutOf,
  readAll,
  requestAll,
  toComparable,
} from './fixtures.ts';
import { MemorySource } from './memory-source.ts';

const scratchDir = mkdtempSync(join(tmpdir(), 'parquet-test-'));
afterAll(() => rmSync(scratchDir, { recursive: true }));

const images = expectedRows('images').map(expectedComparable);
/** Pages of a few rows each, of every kind; the nested columns have several, too. */
const files = [
  'images.none-plain-v1.parquet',
  'images.snappy-plain-v2-index.parquet',
  'images.snappy-dictionary-v1-pages.parquet',
  'images.snappy-dictionary-v2-pages.parquet',
  'images.dictionary-falls-back.parquet',
];

/** A file without its offset indexes. */
async function open(name: string, options: Partial<ReadRowsRequest> = {}) {
  const source = new MemorySource(fixtureBytes(name), { chunkBytes: 4000 });
  const { schema, rowGroups } = await layoutOf(source);
  const plain = rowGroups.map(({ rows, chunks }) => ({
    rows,
    chunks: chunks.map((chunk) => ({ ...chunk, offsetIndex: undefined })),
  }));
  source.reset();
  return { source, request: requestAll({ schema, rowGroups: plain }, { scratchDir, ...options }) };
}

/** Reads row by row until the row before `row` has been handed out, and says where to go on. */
async function readUpTo(row: number, source: MemorySource, request: ReadRowsRequest, from?: ResumePoint) {
  const trail = new PageTrail(from);
  let point: ResumePoint | undefined;
  for await (const batch of readRows(source, { ...request, windowBytes: 1000, trail })) {
    point = trail.pointAt(Math.min(row, (batch.at(-1)?.index ?? 0) + 1));
    if (batch.some(({ index }) => index >= row - 1)) break;
  }
  source.reset();
  return throughJson(point);
}

function throughJson(point: ResumePoint | undefined): ResumePoint | undefined {
  return point && JSON.parse(JSON.stringify(point));
}

/** The rows from `row` as a later invocation reads them. */
function goOn(row: number, source: MemorySource, request: ReadRowsRequest, point: ResumePoint | undefined) {
  return readAll(source, { ...request, wanted: (index) => index >= row, trail: new PageTrail(point) });
}

function comparableRows(rows: readonly ReadRow[]): unknown[] {
  return rows.map((row) => ('error' in row ? row.error : toComparable(row.values)));
}

function size({ range: [start, end] }: ChunkLayout): number {
  return end - start;
}

/** Where the pages of a chunk begin, and the first row of each; only of a column that is not nested. */
async function pagesOf(
  source: MemorySource,
  { range, values }: ChunkLayout,
): Promise<{ offset: number; row: number }[]> {
  const cursor = new ByteCursor(source.stream(...range), range[1] - range[0]);
  const pages = [];
  for (let row = 0; cursor.remaining > 0; ) {
    const offset = range[1] - cursor.remaining;
    const header = await readPageHeader(cursor, values);
    await cursor.skip(header.compressed_page_size);
    if (header.type === 'DICTIONARY_PAGE') continue;
    pages.push({ offset, row });
    row += header.values;
  }
  source.reset();
  return pages;
}

describe('going on in a file without page index', () => {
  it.each(files)('%s: reads the rest, and not again what lies before', async (name) => {
    const { source, request } = await open(name);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 59 }), fc.constantFrom(undefined, 8), async (row, windowBytes) => {
        const point = await readUpTo(row, source, request);
        const rows = await goOn(row, source, { ...request, windowBytes }, point);
        expect(rows.map(({ index }) => index)).toEqual(images.slice(row).map((_, i) => row + i));
        expect(comparableRows(rows)).toEqual(images.slice(row));

        const { bytesRead, requests } = source;
        const left = request.rowGroups.filter(({ layout, firstRow }) => firstRow + layout.rows > row);
        const { layout, firstRow } = left[0] ?? { firstRow: -1 };
        let most = left.flatMap((group) => group.layout.chunks).reduce((sum, chunk) => sum + size(chunk), 0);
        for (const chunk of layout?.chunks.slice(0, 4) ?? []) {
          const page = (await pagesOf(source, chunk)).findLast((it) => it.row <= row - firstRow);
          if (!page || page.row === 0) continue;
          const known = point?.pages.find((it) => it.chunk === chunk.range[0]);
          expect(known).toMatchObject(page);
          const dictionary = known?.dictionary?.[1] ?? chunk.range[0];
          most -= page.offset - dictionary;
          if (windowBytes)
            expect(requests.filter(({ start }) => start >= dictionary && start < page.offset)).toEqual([]);
        }
        expect(bytesRead).toBeLessThanOrEqual(most * 1.02);
      }),
      {
        numRuns: 6,
        examples: [
          [24, 8],
          [25, 8],
          [26, undefined],
          [59, 8],
        ],
      },
    );
    expect(readdirSync(scratchDir)).toEqual([]);
  });

  it.each([
    ...files,
    'images.one-dictionary-page.parquet',
    'nested.plain-v1.parquet',
    'nested.dictionary-v2-index.parquet',
  ])('%s: gives every row once in invocations of some rows each', async (name) => {
    const { source, request } = await open(name);
    const expected = expectedRows(name.split('.')[0] ?? '').map(expectedComparable);
    const rows: unknown[] = [];
    let point: ResumePoint | undefined;
    const steps = [1, 2, 1, 5, 3];
    for (let step = 0; rows.length < expected.length; step++) {
      const next = rows.length + (steps[step % steps.length] ?? 1);
      const trail = new PageTrail(point);
      const options = { wanted: (index: number) => index >= rows.length, windowBytes: 8, trail };
      const got: ReadRow[] = [];
      for await (const batch of readRows(source, { ...request, ...options })) {
        got.push(...batch);
        if (got.length + rows.length >= next) break;
      }
      rows.push(...comparableRows(got));
      point = throughJson(trail.pointAt(rows.length));
    }
    expect(rows).toEqual(expected);
    expect(readdirSync(scratchDir)).toEqual([]);
  });

  it('fetches little twice when a large file takes several invocations', async () => {
    const windowBytes = 32_000;
    const { source, request } = await open('big.plain-index.parquet', { windowBytes });
    let point: ResumePoint | undefined;
    let invocations = 0;
    for (let row = 0; row < request.endRow; invocations++) {
      const trail = new PageTrail(point);
      const first = row;
      for await (const batch of readRows(source, { ...request, wanted: (index) => index >= first, trail })) {
        row += batch.length;
        if (row >= first + 10) break;
      }
      point = throughJson(trail.pointAt(row));
    }
    const used = request.rowGroups.flatMap(({ layout }) => layout.chunks).reduce((sum, chunk) => sum + size(chunk), 0);
    expect(invocations).toBeGreaterThan(7);
    // what an invocation has read ahead when it ends is all that the next one reads again
    expect(source.bytesRead).toBeLessThan(used + (invocations - 1) * windowBytes);
  });

  it('keeps its place when an invocation ends before it has read anything', async () => {
    const { source, request } = await open('images.snappy-dictionary-v1-pages.parquet');
    const point = await readUpTo(20, source, request);
    expect(point?.pages.length).toBe(12);
    expect(new PageTrail(point).pointAt(20)).toEqual(point);
  });

  it('finds the dictionary page that the footer of an older writer does not name', async () => {
    const { source, request } = await open('images.snappy-dictionary-v1-pages.parquet');
    const unnamed = request.rowGroups.map(({ layout, firstRow }) => ({
      firstRow,
      layout: {
        rows: layout.rows,
        chunks: layout.chunks.map((chunk) => ({ ...chunk, dataPage: chunk.range[0], dictionaryPage: undefined })),
      },
    }));
    const point = await readUpTo(30, source, { ...request, rowGroups: unnamed });
    expect(point?.pages.every(({ dictionary }) => dictionary)).toBe(true);
    expect(comparableRows(await goOn(30, source, { ...request, rowGroups: unnamed }, point))).toEqual(images.slice(30));
  });
});

describe('a resume point that does not fit', () => {
  const change = fc.record({
    at: fc.nat(100),
    field: fc.constantFrom('chunk', 'offset', 'row', 'values', 'dictionary', 'check'),
    by: fc.oneof(fc.integer({ min: -300, max: 300 }), fc.constantFrom(1e9, -1e9, 0.5, Number.NaN)),
  });

  it.each(['images.none-plain-v1.parquet', 'images.snappy-dictionary-v1-pages.parquet'])(
    '%s: never gives a wrong row',
    async (name) => {
      const { source, request } = await open(name);
      const rows = fc.integer({ min: 1, max: 59 });
      await fc.assert(
        fc.asyncProperty(
          rows,
          rows,
          change,
          fc.constantFrom(undefined, 1000),
          async (at, row, { at: i, field, by }, windowBytes) => {
            const point = await readUpTo(at, source, request);
            const pages = point?.pages.map((page, index): PagePosition => {
              if (index !== i % (point?.pages.length ?? 1)) return page;
              if (field !== 'dictionary') return { ...page, [field]: page[field] + by };
              return {
                ...page,
                dictionary: page.dictionary
                  ? [page.dictionary[0], page.dictionary[1] + by]
                  : [page.chunk + by, page.offset],
              };
            });
            const stale = throughJson(point && { group_row: point.group_row, pages: pages ?? [] });
            const got = await goOn(row, source, { ...request, windowBytes }, stale);
            expect(got.map(({ index }) => index)).toEqual(images.slice(row).map((_, n) => row + n));
            for (const it of got) {
              if ('values' in it) expect(toComparable(it.values)).toEqual(images[it.index]);
              else expect(it.error.reason).toBe('unreadable_row');
            }
          },
        ),
        { numRuns: 25 },
      );
    },
  );

  it('is left aside when it is of another row group or another file', async () => {
    const { source, request } = await open('images.snappy-dictionary-v1-pages.parquet');
    const other = await open('images.snappy-dictionary-v2-pages.parquet');
    const points = [
      await readUpTo(10, source, request),
      { group_row: 40, pages: (await readUpTo(10, source, request))?.pages ?? [] },
      await readUpTo(50, other.source, other.request),
      { group_row: 0, pages: [] },
    ];
    for (const point of points) {
      expect(comparableRows(await goOn(50, source, request, point))).toEqual(images.slice(50));
    }
  });
});
