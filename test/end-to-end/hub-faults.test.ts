import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { FaultRule } from '../../local/stand-in/fault-rules.ts';
import { childVisits, visits } from './child-executions.ts';
import { expectNoSecrets } from './expect-no-secrets.ts';
import { expectNoOtherObjects, type ImportedRow, importedRows } from './imported-rows.ts';
import { FIXTURES, SAMPLE_URL, startTestStack, type TestStack } from './test-stack.ts';

const TOKEN = 'hf_thisTokenMayBeReadNowhere';
/** Three files of two rows each, and a README. */
const THREE_FILES_URL = 'https://huggingface.co/datasets/parquet/configs';
const CHECKSUMS_URL = 'https://huggingface.co/datasets/parquet/checksums';
/** An image folder: each image is a request of its own. */
const FOLDER_URL = 'https://huggingface.co/datasets/folder/forty';
const FOLDER_ROWS = 40;

let datasets: string;
let stack: TestStack;
let hub: string;
/** What an import without faults leaves. */
const clean = new Map<string, ImportedRow[]>();
const datasetIds: string[] = [];

beforeAll(async () => {
  datasets = mkdtempSync(join(tmpdir(), 'modomo-datasets-'));
  const images = join(datasets, 'folder/forty/images');
  mkdirSync(images, { recursive: true });
  for (let i = 0; i < FOLDER_ROWS; i++) {
    copyFileSync(join(FIXTURES, `rows/paths/images/${i % 4}.jpg`), join(images, `room-${i}.jpg`));
  }
  stack = await startTestStack({ datasetsDirs: [datasets, FIXTURES], hubToken: TOKEN });
  hub = stack.endpoints.hub.url;
  for (const url of [SAMPLE_URL, THREE_FILES_URL, CHECKSUMS_URL, FOLDER_URL]) clean.set(url, (await run(url)).rows);
  expect([...clean.values()].map((rows) => rows.length)).toEqual([57, 6, 24, FOLDER_ROWS]);
});
afterEach(() => stack.clearFaults(hub));
afterAll(async () => {
  await stack.close();
  rmSync(datasets, { recursive: true });
});

/** An import into a dataset of its own, or again into an earlier one's. */
async function run(url: string, datasetId?: string) {
  const id = datasetId ?? (await stack.createDataset());
  datasetIds.push(...(datasetId ? [] : [id]));
  const executionArn = await stack.start({ dataset_id: id, hf_dataset_url: url });
  const output = await stack.end(executionArn);
  return { datasetId: id, executionArn, output, rows: await importedRows(stack, id) };
}

const CONTENT = '^/_cdn/';
/** Footers that are read before the rows: one to find the image column, and each file's for the plan. */
const FOOTERS = { [THREE_FILES_URL]: 4, [SAMPLE_URL]: 3, [CHECKSUMS_URL]: 2 };

/** Lets so many requests pass that a later rule would match. */
function spare(path: string, times: number): FaultRule {
  return { match: { path }, times };
}

const passing: { fault: string; url: keyof typeof FOOTERS; rules: FaultRule[] }[] = [
  {
    fault: '429s with a short reset',
    url: THREE_FILES_URL,
    rules: [
      { match: { path: '/revision/' }, times: 1, status: 429, headers: { ratelimit: '"api";r=0;t=1' } },
      spare(CONTENT, FOOTERS[THREE_FILES_URL]),
      { match: { path: CONTENT }, times: 1, status: 429, headers: { 'retry-after': '1' } },
    ],
  },
  {
    fault: '500s at every kind of request',
    url: THREE_FILES_URL,
    rules: [
      { match: { path: '/revision/' }, times: 1, status: 500 },
      { match: { path: '/tree/' }, times: 1, status: 502 },
      { match: { path: '/README.md' }, times: 1, status: 503 },
      { match: { path: CONTENT }, times: 1, status: 500 },
      spare(CONTENT, FOOTERS[THREE_FILES_URL]),
      { match: { path: CONTENT }, times: 2, status: 504 },
    ],
  },
  {
    fault: 'bodies that are cut',
    url: SAMPLE_URL,
    rules: [
      { match: { path: '/tree/' }, times: 1, cutAfterBytes: 100 },
      { match: { path: '/README.md' }, times: 1, cutAfterBytes: 10 },
      { match: { path: CONTENT }, times: 1, cutAfterBytes: 1_000 },
      spare(CONTENT, FOOTERS[SAMPLE_URL]),
      { match: { path: CONTENT }, times: 3, cutAfterBytes: 300_000 },
    ],
  },
  {
    fault: 'connections that are cut before the answer',
    url: THREE_FILES_URL,
    rules: [
      { match: { path: '/revision/' }, times: 1, cutAfterBytes: 0 },
      spare(CONTENT, FOOTERS[THREE_FILES_URL]),
      { match: { path: CONTENT }, times: 2, cutAfterBytes: 0 },
    ],
  },
  { fault: 'slow answers', url: THREE_FILES_URL, rules: [{ match: {}, times: 10, delayMs: 200 }] },
];

it.each(passing)('imports the same through $fault', async ({ url, rules }) => {
  await stack.addFaults(hub, rules);
  const { executionArn, output, rows } = await run(url);
  expect(await stack.faultsLeft(hub)).toEqual([]);
  expect(output.status).toBe('succeeded');
  expect(rows).toEqual(clean.get(url));
  // all of it is passed inside the handler
  const children = await childVisits(stack, executionArn);
  expect(children.map(({ invocations }) => invocations)).toEqual(children.map(() => 1));
});

const LONG_PAUSE = { times: 1, status: 429, headers: { ratelimit: '"resolvers";r=0;t=120' } };

it('gives a pause of minutes to the Wait state, and does no row twice', async () => {
  const { bucket } = stack.endpoints;
  await stack.forgetRequests(bucket.endpoint);
  await stack.addFaults(hub, [{ match: { path: 'room-21.jpg' }, ...LONG_PAUSE }]);
  const { executionArn, output, rows } = await run(FOLDER_URL);
  expect(output).toMatchObject({ status: 'succeeded', total_rows: FOLDER_ROWS, processed_scenes: FOLDER_ROWS });
  expect(rows).toEqual(clean.get(FOLDER_URL));
  expect(await childVisits(stack, executionArn)).toEqual([
    { invocations: 2, entered: { ImportRange: 2, IsRangeDone: 2, WaitForRange: 1, RangeDone: 1 } },
  ]);
  const { requests } = await stack.requests(bucket.endpoint);
  const puts = requests.filter(({ method, path }) => method === 'PUT' && path.startsWith(`/${bucket.name}/`));
  expect(puts).toHaveLength(FOLDER_ROWS);
});

it('waits as long as it is told before and while it plans', async () => {
  await stack.addFaults(hub, [
    { match: { path: '/revision/' }, ...LONG_PAUSE },
    { match: { path: 'part-1.parquet' }, ...LONG_PAUSE },
  ]);
  const { executionArn, output, rows } = await run(THREE_FILES_URL);
  expect(await stack.faultsLeft(hub)).toEqual([]);
  expect(output.status).toBe('succeeded');
  expect(rows).toEqual(clean.get(THREE_FILES_URL));
  const { entered, invocations } = await visits(stack, executionArn);
  expect(entered).toMatchObject({ ResolveDataset: 1, PlanImport: 2, WaitToPlan: 1 });
  expect(invocations).toBe(2 + 2 + 1); // ResolveDataset was tried again after its Retry's pause
});

it('fails the rows of a file that the Hub cannot give, in a few tries of the range', async () => {
  const secondFile = `${CONTENT}.*train-00001`;
  await stack.addFaults(hub, [spare(secondFile, 1), { match: { path: secondFile }, status: 500 }]);
  const { datasetId, executionArn, output, rows } = await run(SAMPLE_URL);
  expect(output).toMatchObject({ status: 'succeeded', processed_scenes: 29, failures: { range_failed: 30 } });
  expect(rows).toEqual(clean.get(SAMPLE_URL)?.filter(({ index }) => index < 30));
  const failed = (await stack.failures(output)).filter(({ reason }) => reason === 'range_failed');
  expect(failed[0]?.message).toMatch(/^TransientError: read bytes .*train-00001.*answered 500/);
  const invocations = (await childVisits(stack, executionArn)).map((child) => child.invocations);
  expect(invocations.sort()).toEqual([1, 4 + 1]); // 4 tries of ImportRange and RecordRange, however many rows there are

  await stack.clearFaults(hub);
  const again = await run(SAMPLE_URL, datasetId);
  expect(again.output).toMatchObject({ status: 'succeeded', processed_scenes: 28, skipped: { exists: 29 } });
  expect(again.rows).toEqual(clean.get(SAMPLE_URL));
});

it('fails as a job when the Hub gives no row at all', async () => {
  await stack.addFaults(hub, [spare(CONTENT, FOOTERS[SAMPLE_URL]), { match: { path: CONTENT }, status: 503 }]);
  const { executionArn, output, rows } = await run(SAMPLE_URL);
  expect(output).toMatchObject({ status: 'failed', failures: { range_failed: 60 }, error: { name: 'NoRowImported' } });
  expect(rows).toEqual([]);
  const children = await childVisits(stack, executionArn);
  expect(children.map(({ invocations }) => invocations)).toEqual([5, 5]);
});

it('fails with the reason when the Hub does not answer at all', async () => {
  await stack.addFaults(hub, [{ match: {}, status: 500 }]);
  const { output } = await run(SAMPLE_URL);
  expect(output).toMatchObject({ status: 'failed', total_rows: 0, error: { name: 'TransientError' } });
  expect(output.error?.message).toMatch(/modomo\/sample-rooms.*answered 500/);
});

it('stores nothing that was damaged on its way where the file has checksums, and heals in the next run', async () => {
  const before = clean.get(CHECKSUMS_URL) ?? [];
  await stack.addFaults(hub, [
    spare(CONTENT, FOOTERS[CHECKSUMS_URL]),
    { match: { path: CONTENT }, times: 1, corrupt: true },
  ]);
  const { datasetId, output, rows } = await run(CHECKSUMS_URL);
  expect(await stack.faultsLeft(hub)).toEqual([]);
  expect(output).toMatchObject({ status: 'succeeded', processed_scenes: 20, failures: { unreadable_row: 4 } });
  const failed = new Set((await stack.failures(output)).map(({ index }) => index));
  expect(rows).toEqual(before.filter(({ index }) => !failed.has(index)));

  const again = await run(CHECKSUMS_URL, datasetId);
  expect(again.output).toMatchObject({ processed_scenes: 4, skipped: { exists: 20 } });
  expect(again.rows).toEqual(before);
});

it('leaves no object without a scene, and no secret anywhere', async () => {
  await expectNoOtherObjects(stack, datasetIds);
  expectNoSecrets(stack, [TOKEN]);
});

it('numbers no row past a file that the Hub did not give', async () => {
  await stack.addFaults(hub, [{ match: { path: 'train-00000-of-00002' }, status: 404 }]);
  const url = 'https://huggingface.co/datasets/parquet/default-shards';
  const { datasetId, output } = await run(url);
  expect(output).toMatchObject({ status: 'failed', processed_scenes: 0, error: { name: 'BadInputError' } });
  expect(output.error?.message).toContain('train-00000-of-00002');
  await stack.clearFaults(hub);
  expect((await run(url, datasetId)).output).toMatchObject({ processed_scenes: 6, skipped_scenes: 0 });
});
