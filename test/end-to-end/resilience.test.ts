import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { FIXTURES, startTestStack, type TestStack } from './test-stack.ts';

const MANY = 'https://huggingface.co/datasets/parquet/many';
let stack: TestStack | undefined;
let datasets: string;
let silent: Server;

beforeAll(async () => {
  datasets = mkdtempSync(join(tmpdir(), 'modomo-datasets-'));
  silent = createServer(() => {}); // takes every request and never answers
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await stack?.close();
  stack = undefined;
});
afterAll(() => {
  silent.close();
  silent.closeAllConnections();
  rmSync(datasets, { recursive: true });
});

/** The app as it is, with other limits for the worker of ranges. */
function withWorker(limits: { memoryMb?: number; timeoutSeconds?: number }) {
  const app = inject('synthesized');
  return { ...app, functions: app.functions.map((fn) => (fn.name === 'import-range' ? { ...fn, ...limits } : fn)) };
}

/** An image folder of `count` small rooms, in which some rows name other files. */
async function makeFolder(name: string, count: number, others: Readonly<Record<number, string>>): Promise<string> {
  const folder = join(datasets, 'poison', name);
  mkdirSync(folder, { recursive: true });
  const jpeg = await sharp({ create: { width: 8, height: 6, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  const rows = Array.from({ length: count }, (_, index) => {
    const file = others[index] ?? `${index}.jpg`;
    if (!file.includes('://')) writeFileSync(join(folder, file), jpeg);
    return JSON.stringify({ file_name: file });
  });
  writeFileSync(join(folder, 'metadata.jsonl'), rows.join('\n'));
  return folder;
}

it('loses one row to a worker that runs out of memory', async () => {
  const folder = await makeFolder('memory', 12, { 5: 'huge.jpg' });
  truncateSync(join(folder, 'huge.jpg'), 95 * 1024 * 1024); // a good header, and more zeros than the worker can hold
  stack = await startTestStack({ datasetsDirs: [datasets], synthesized: withWorker({ memoryMb: 240 }) });
  const datasetId = await stack.createDataset();
  const output = await stack.import({ dataset_id: datasetId, hf_dataset_url: 'hf://datasets/poison/memory' });
  expect(output).toMatchObject({ status: 'succeeded', total_rows: 12, processed_scenes: 11 });
  expect(await stack.failures(output)).toMatchObject([{ index: 5, reason: 'out_of_memory' }]);
  expect((await stack.scenes(datasetId)).map(({ hf_index }) => hf_index)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
});

it('loses one row to a worker that runs out of time', async () => {
  const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  await makeFolder('time', 6, { 2: `http://${host}/room.jpg` });
  stack = await startTestStack({
    datasetsDirs: [datasets],
    synthesized: withWorker({ timeoutSeconds: 4 }),
    variables: { ALLOWED_IMAGE_HOSTS: host, DEADLINE_MARGIN_SECONDS: '1' },
  });
  const datasetId = await stack.createDataset();
  const output = await stack.import({ dataset_id: datasetId, hf_dataset_url: 'hf://datasets/poison/time' });
  expect(output).toMatchObject({ status: 'succeeded', total_rows: 6, processed_scenes: 5 });
  expect(await stack.failures(output)).toMatchObject([{ index: 2, reason: 'timeout' }]);
});

it('goes on from its cursor when every invocation has time for one row only', async () => {
  stack = await startTestStack({ datasetsDirs: [FIXTURES], variables: { DEADLINE_MARGIN_SECONDS: '600' } });
  const datasetId = await stack.createDataset();
  const input = { dataset_id: datasetId, hf_dataset_url: 'hf://datasets/parquet/many', max_images: 20 };
  const output = await stack.import(input);
  expect(output).toMatchObject({ status: 'succeeded', total_rows: 20, processed_scenes: 20 });
  const { requests } = await stack.requests(stack.endpoints.bucket.endpoint);
  const results = requests.filter(({ method, path }) => method === 'PUT' && path.includes('/import/results/'));
  expect(results).toHaveLength(20); // one invocation a row, each with its record
  expect(await stack.scenes(datasetId)).toHaveLength(20);
});

it('does not read again what lies before its cursor in a file without page index', async () => {
  stack = await startTestStack({ datasetsDirs: [FIXTURES], variables: { DEADLINE_MARGIN_SECONDS: '600' } });
  const datasetId = await stack.createDataset();
  const repo = 'parquet/checksums'; // a row group of 24 rows in pages of 4
  const output = await stack.import({ dataset_id: datasetId, hf_dataset_url: `hf://datasets/${repo}` });
  expect(output).toMatchObject({ status: 'succeeded', total_rows: 24, processed_scenes: 24 });
  const expected = JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8'))[repo].imports[0].images;
  const scenes = await stack.scenes(datasetId);
  expect(scenes.map(({ attrs }) => attrs._modomo.image.sha256)).toEqual(
    expected.map(({ sha256 }: { sha256: string }) => sha256),
  );

  const { requests } = await stack.requests(stack.endpoints.hub.url);
  const rows = requests.filter(({ path, range }) => path.startsWith('/_cdn/') && !range?.startsWith('bytes=-'));
  const imagesEnd = 10_865; // where the column of the images ends
  const starts = rows.map(({ range }) => Number(range?.match(/\d+/)?.[0])).filter((start) => start < imagesEnd);
  const pages = [...new Set(starts)];
  expect(pages).toHaveLength(6);
  expect(pages).toEqual(pages.toSorted((a, b) => a - b));
  expect(starts).toEqual(pages.flatMap((page) => [page, page, page, page])); // one invocation a row
});

it('ends in the same rows and objects when the stack is killed half-way and the job started anew', async () => {
  stack = await startTestStack();
  const datasetId = await stack.createDataset();
  const input = { dataset_id: datasetId, hf_dataset_url: MANY };
  const executionArn = await stack.start(input);
  await expect
    .poll(async () => (await stack?.imageKeys())?.length, { timeout: 60_000, interval: 50 })
    .toBeGreaterThan(100);
  await stack.close({ keepData: true });

  stack = await startTestStack({ dataDir: stack.dataDir });
  const killed = await stack.states.send(new DescribeExecutionCommand({ executionArn }));
  expect(killed).toMatchObject({ status: 'ABORTED', error: 'StackStopped' });
  const output = await stack.import(input); // also takes over the lock of the one that was killed
  expect(output).toMatchObject({ status: 'succeeded', total_rows: 1200, failed_scenes: 0 });

  const scenes = await stack.scenes(datasetId);
  expect(scenes.map(({ hf_index }) => hf_index)).toEqual([...Array(1200).keys()]);
  expect((await stack.imageKeys()).sort()).toEqual(scenes.map(({ r2_key_original }) => r2_key_original).sort());
  const rerun = await stack.import(input);
  expect(rerun).toMatchObject({ processed_scenes: 0, skipped_scenes: 1200 });
});

it('lets a second job wait its turn, and takes over from one that was stopped', async () => {
  stack = await startTestStack();
  const datasetId = await stack.createDataset();
  const input = { dataset_id: datasetId, hf_dataset_url: MANY };
  const first = await stack.start(input);
  await expect
    .poll(async () => (await stack?.imageKeys())?.length, { timeout: 60_000, interval: 50 })
    .toBeGreaterThan(0);
  const refused = await stack.import(input);
  expect(refused).toMatchObject({ status: 'failed', error: { name: 'BadInputError' } });
  expect(refused.error?.message).toContain(first.split(':').at(-1));

  await stack.stop(first);
  const output = await stack.import(input);
  expect(output).toMatchObject({ status: 'succeeded', total_rows: 1200, failed_scenes: 0 });
  expect(await stack.scenes(datasetId)).toHaveLength(1200);
});
