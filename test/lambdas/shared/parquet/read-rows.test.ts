import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BadInputError, ThrottledError, TransientError } from '../../../../lambdas/shared/errors.ts';
import type { ByteSource } from '../../../../lambdas/shared/hub/byte-source.ts';
import type { ReadRow } from '../../../../lambdas/shared/jobs/row-source.ts';
import type { ChunkLayout } from '../../../../lambdas/shared/parquet/file-layout.ts';
import { type ReadRowsRequest, readRows } from '../../../../lambdas/shared/parquet/read-rows.ts';
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

const scratchDir = mkdtempSync(join(tmpdir(), 'parquet-test-'));
afterAll(() => rmSync(scratchDir, { recursive: true }));

async function open(name: string, options: Partial<ReadRowsRequest> = {}) {
  const source = new MemorySource(fixtureBytes(name), { chunkBytes: 777 });
  const request = requestAll(await layoutOf(source), { scratchDir, ...options });
  source.reset();
  return { source, request };
}

function comparableRows(rows: readonly ReadRow[]): unknown[] {
  return rows.map((row) => ('error' in row ? row.error : toComparable(row.values)));
}

function expectedOf(name: string): unknown[] {
  return expectedRows(name.split('.')[0] ?? '').map(expectedComparable);
}

const comparable = fixtureNames.filter((name) => !name.startsWith('big.'));

describe('readRows reads what pyarrow wrote', () => {
  it.each(comparable)('%s', async (name) => {
    const { source, request } = await open(name);
    const rows = await readAll(source, request);
    expect(rows.map((row) => row.index)).toEqual(rows.map((_, i) => i));
    expect(comparableRows(rows)).toEqual(expectedOf(name));
    expect(source.open).toBe(0);
  });

  it.each(comparable)('%s, with every page too large for the window', async (name) => {
    const { source, request } = await open(name, { windowBytes: 8 });
    expect(comparableRows(await readAll(source, request))).toEqual(expectedOf(name));
    expect(readdirSync(scratchDir)).toEqual([]);
  });

  it.each(comparable)('%s, some rows of it', async (name) => {
    const { source, request } = await open(name);
    const expected = expectedOf(name);
    for (const [firstRow, endRow] of [
      [3, 5],
      [expected.length - 1, expected.length],
      [Math.floor(expected.length / 3), expected.length],
    ] as const) {
      const rows = await readAll(source, { ...request, firstRow, endRow });
      expect(rows.map((row) => row.index)).toEqual(expected.slice(firstRow, endRow).map((_, i) => firstRow + i));
      expect(comparableRows(rows)).toEqual(expected.slice(firstRow, endRow));
    }
    const odd = await readAll(source, { ...request, wanted: (index) => index % 7 === 3 });
    expect(comparableRows(odd)).toEqual(expected.filter((_, index) => index % 7 === 3));
  });
});

describe('readRows and its requests', () => {
  const BIG = 'big.plain-index.parquet';

  function usedBytes(request: ReadRowsRequest, columns?: string[]): number {
    const isUsed = (chunk: ChunkLayout): boolean => !columns || columns.includes(chunk.column);
    return request.rowGroups
      .flatMap(({ layout }) => layout.chunks.filter(isUsed))
      .reduce((sum, { range: [start, end] }) => sum + end - start, 0);
  }

  it('fetches small row groups by one request, without indexes', async () => {
    const { source, request } = await open(BIG);
    await readAll(source, request);
    expect(source.requests.length).toBe(1);
    expect(source.bytesRead).toBeLessThanOrEqual(usedBytes(request) * 1.1);
  });

  it('streams large row groups by one request, and what lies beside by one each', async () => {
    const { source, request } = await open(BIG, { windowBytes: 400_000 });
    const batches: number[] = [];
    for await (const batch of readRows(source, request)) batches.push(batch.length);
    expect(source.requests.length).toBeLessThanOrEqual(1 + 2 * request.rowGroups.length);
    expect(source.bytesRead).toBeLessThanOrEqual(usedBytes(request) * 1.1);
    expect(source.maxOpen).toBeLessThanOrEqual(2);
    expect(Math.max(...batches)).toBeLessThan(30);
  });

  it('reads several large columns in pieces, two requests at a time', async () => {
    const { source, request } = await open(BIG, { windowBytes: 4_000, scratchDir });
    const rows = await readAll(source, request);
    expect(rows).toHaveLength(100);
    expect(source.bytesRead).toBeLessThanOrEqual(usedBytes(request) * 1.1);
    expect(source.maxOpen).toBeLessThanOrEqual(2);
  });

  it('fetches only the columns that are asked for', async () => {
    const { source, request } = await open(BIG, { columns: ['depth'] });
    const rows = await readAll(source, request);
    expect(rows.every((row) => 'values' in row && Object.keys(row.values).join() === 'depth')).toBe(true);
    expect(source.bytesRead).toBeLessThanOrEqual(usedBytes(request, ['depth']) * 1.1);
    await expect(readAll(source, { ...request, columns: ['image', 'depht'] })).rejects.toThrow(/no column "depht"/);
  });

  it('goes on from a row without the pages before it', async () => {
    const { source, request } = await open(BIG);
    const all = await readAll(source, request);
    source.reset();
    const rows = await readAll(source, { ...request, firstRow: 41, endRow: 50 });
    expect(comparableRows(rows)).toEqual(comparableRows(all.slice(41, 50)));
    const images = request.rowGroups[0]?.layout.chunks[0]?.range ?? [0, 0];
    const before = source.requests.filter(({ start }) => start < images[0] + (images[1] - images[0]) * 0.75);
    expect(before).toEqual([]);
    expect(source.requests.length).toBeLessThanOrEqual(4);
    expect(source.bytesRead).toBeLessThan((usedBytes(request) / 100) * 9 * 1.1 + 30_000);
  });

  it('leaves out pages without a wanted row', async () => {
    const { source, request } = await open(BIG);
    const rows = await readAll(source, { ...request, wanted: (index) => index === 5 || index === 90 });
    expect(rows.map((row) => row.index)).toEqual([5, 90]);
    expect(source.bytesRead).toBeLessThan(usedBytes(request) / 4);
    source.reset();
    expect(await readAll(source, { ...request, wanted: () => false })).toEqual([]);
    expect(source.requests).toEqual([]);
  });
});

describe('readRows and its source', () => {
  it('requests nothing before a batch is asked for, and closes its streams when the loop is left', async () => {
    const { source, request } = await open('big.plain-index.parquet', { windowBytes: 100_000 });
    const batches = readRows(source, request);
    expect(source.requests).toEqual([]);
    for await (const batch of batches) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    expect(source.open).toBe(0);
    expect(source.bytesRead).toBeLessThan(150_000);
  });

  it.each([
    new TransientError('cut'),
    new ThrottledError('slow down', { retryAfterSeconds: 90 }),
    new BadInputError('gone'),
  ])('lets $name through, after the rows that came before', async (error) => {
    const { source, request } = await open('big.plain-index.parquet', { windowBytes: 100_000 });
    let allowed = 300_000;
    const failing: ByteSource = {
      path: source.path,
      readTail: (length) => source.readTail(length),
      async *stream(start, end) {
        for await (const chunk of source.stream(start, end)) {
          allowed -= chunk.length;
          if (allowed < 0) throw error;
          yield chunk;
        }
      },
    };
    const rows: ReadRow[] = [];
    const reading = (async () => {
      for await (const batch of readRows(failing, request)) rows.push(...batch);
    })();
    await expect(reading).rejects.toBe(error);
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.every((row) => 'values' in row)).toBe(true);
    expect(source.open).toBe(0);
  });

  it.each(['gzip', 'snappy'])('lets errors of the source through %s pages that are spilled', async (codec) => {
    const { source, request } = await open(`images.${codec}-dictionary-v1.parquet`, { windowBytes: 8 });
    const error = new TransientError('cut');
    const failing: ByteSource = {
      path: source.path,
      readTail: (length) => source.readTail(length),
      async *stream(start, end) {
        yield* source.stream(start, Math.min(end, start + 1554));
        if (end > start + 1554) throw error;
      },
    };
    await expect(readAll(failing, request)).rejects.toBe(error);
    expect(readdirSync(scratchDir)).toEqual([]);
  });
});
