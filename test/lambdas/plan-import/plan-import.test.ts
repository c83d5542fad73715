import { expect, it } from 'vitest';
import type { FilePlan } from '../../../lambdas/plan-import/file-plan.ts';
import { type PlanEvent, type PlanImportDeps, planImport } from '../../../lambdas/plan-import/plan-import.ts';
import { ThrottledError } from '../../../lambdas/shared/errors.ts';
import type { ImportSource, SourceFile } from '../../../lambdas/shared/jobs/import-source.ts';
import type { RowRange } from '../../../lambdas/shared/jobs/row-range.ts';
import type { RunBucket } from '../../../lambdas/shared/storage/object-store.ts';

const FILES = 20;
const ROWS = 100;

/** A plan over files of 100 rows; `read` is what happens when a footer is read. */
function setUp(read: (position: number) => void, more: Partial<ImportSource> = {}, shards = FILES) {
  const objects = new Map<string, Buffer>();
  const runs: Pick<RunBucket, 'getRange' | 'put' | 'putStream'> = {
    getRange: async (key, start, end) => (objects.get(key) ?? Buffer.alloc(0)).subarray(start, end),
    put: async (key, body) => void objects.set(key, Buffer.from(body)),
    putStream: async (key, chunks) => {
      const parts: Buffer[] = [];
      for await (const chunk of chunks) parts.push(Buffer.from(chunk));
      objects.set(key, Buffer.concat(parts));
    },
  };
  const files = Array.from({ length: shards }, (_, i) => ({ repo: 'a/b', revision: 'c', path: `${i}.parquet` }));
  const list = files.map((file) => `${JSON.stringify(file)}\n`).join('');
  objects.set('runs/job/import/files.jsonl', Buffer.from(list));
  const source: ImportSource = {
    ...{ job_id: 'job', dataset_id: 'd', repo: 'a/b', revision: 'c', config: 'default', split: 'train' },
    ...{ kind: 'parquet', image_column: 'image', on_existing: 'skip', list_lines: shards, list_bytes: list.length },
    ...more,
  };
  const kept = new Set<number>();
  const planFile = async (_: ImportSource, position: number, file: SourceFile): Promise<FilePlan> => {
    if (!kept.has(position)) read(position);
    kept.add(position);
    const group = { rows: ROWS, bytes: 1_000, isIndexed: true, slice: [0, 10] as [number, number] };
    return { position, file, holds_images: true, schema: [0, 1], groups: [group] };
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const deps: PlanImportDeps = {
    ...{ loadSource: async () => source, planFile, now: Date.now, log, downloads: 4 },
    runs: runs as RunBucket,
  };
  const ranges = () =>
    (objects.get('runs/job/import/manifest.jsonl') ?? '')
      .toString()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as RowRange);
  return { plan: (event: PlanEvent, deadline = Number.POSITIVE_INFINITY) => planImport(event, deadline, deps), ranges };
}

it.each([
  { maxImages: undefined, footers: FILES, rows: FILES * ROWS },
  { maxImages: 3, footers: 1, rows: 3 },
  { maxImages: 100, footers: 1, rows: 100 },
  { maxImages: 301, footers: 4, rows: 301 },
  { maxImages: 5_000, footers: FILES, rows: FILES * ROWS },
])('reads $footers of 20 footers for $maxImages images', async ({ maxImages, footers, rows }) => {
  let read = 0;
  const { plan, ranges } = setUp(() => read++, { max_images: maxImages });
  expect(await plan({ job_id: 'job' })).toMatchObject({ planned: true, total_rows: rows });
  expect(read).toBe(footers);
  expect(ranges().at(-1)?.last_row).toBe(rows - 1);
});

it('goes on where the deadline stopped it', async () => {
  const read: number[] = [];
  const { plan } = setUp((position) => read.push(position));
  let answer = await plan({ job_id: 'job' }, 0);
  expect(answer).toMatchObject({ planned: false, wait_seconds: 0, footers: 4 });
  answer = await plan(answer);
  expect(answer).toMatchObject({ planned: true, total_rows: FILES * ROWS });
  expect(read).toEqual([...Array(FILES).keys()]);
});

it('obeys pauses, and gives up when they bring nothing', async () => {
  const { plan } = setUp((position) => {
    if (position === 6) throw new ThrottledError('429', { retryAfterSeconds: 120 });
  });
  let answer = await plan({ job_id: 'job' });
  expect(answer).toMatchObject({ planned: false, wait_seconds: 120, footers: 6, stalls: 0 });
  for (let pause = 1; pause <= 30; pause++) answer = await plan(answer);
  expect(answer).toMatchObject({ planned: false, wait_seconds: 120, stalls: 30 });
  await expect(plan(answer)).rejects.toThrow(ThrottledError);
});

it('keeps what passes between states small, for any number of shards', async () => {
  const { plan, ranges } = setUp(() => {}, {}, 10_000);
  const answer = await plan({ job_id: 'job' });
  expect(answer).toMatchObject({ planned: true, ranges: 10_000, total_rows: 10_000 * ROWS });
  expect(JSON.stringify(answer).length).toBeLessThan(1_000);
  expect(Math.max(...ranges().map((range) => JSON.stringify(range).length))).toBeLessThan(1_000);
});
