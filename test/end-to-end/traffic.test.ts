import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { environmentOf } from '../../lib/environments.ts';
import type { LoggedRequest } from '../../local/stand-in/request-log.ts';
import { FIXTURES, SAMPLE_URL, startTestStack, type TestStack } from './test-stack.ts';

const DATASETS = 'https://huggingface.co/datasets';
/** 1,200 rows in three files. */
const MANY = 'parquet/many';
/** An image folder, which names its images by their paths: two ranges. */
const FOLDER_ROWS = 540;

let datasets: string;
let stack: TestStack;

beforeAll(async () => {
  datasets = mkdtempSync(join(tmpdir(), 'modomo-datasets-'));
  const images = join(datasets, 'folder/large/images');
  mkdirSync(images, { recursive: true });
  for (let i = 0; i < FOLDER_ROWS; i++) {
    copyFileSync(join(FIXTURES, 'rows/paths/images/0.jpg'), join(images, `${String(i).padStart(4, '0')}.jpg`));
  }
  stack = await startTestStack({ datasetsDirs: [datasets, FIXTURES] });
});
beforeEach(async () => {
  const { hub, bucket } = stack.endpoints;
  await Promise.all([stack.forgetRequests(hub.url), stack.forgetRequests(bucket.endpoint)]);
});
afterEach(() => stack.clearFaults(stack.endpoints.hub.url));
afterAll(async () => {
  await stack.close();
  rmSync(datasets, { recursive: true });
});

/** Requests at the Hub since the test began, by kind. */
async function hubRequests() {
  const { requests, max_concurrent } = await stack.requests(stack.endpoints.hub.url);
  const isContent = ({ path }: LoggedRequest) => path.startsWith('/_cdn/');
  const content = requests.filter(isContent);
  return {
    maxConcurrent: max_concurrent,
    /** What the Hub counts against its limits: the API, and files that it redirects or sends itself. */
    counted: requests.filter((request) => !isContent(request)).length,
    footers: content.filter(({ range }) => range?.startsWith('bytes=-')).length,
    rows: content.filter(({ range }) => !range?.startsWith('bytes=-')).length,
    bytes: requests.reduce((sum, { bytes_out }) => sum + bytes_out, 0),
  };
}

/** Objects that were written to the bucket of the images since the test began. */
async function puts(): Promise<number> {
  const { endpoint, name } = stack.endpoints.bucket;
  const { requests } = await stack.requests(endpoint);
  return requests.filter(({ method, path }) => method === 'PUT' && path.startsWith(`/${name}/`)).length;
}

it('asks the Hub little: two calls of the API, the card, the footers, and one request a range', async () => {
  const datasetId = await stack.createDataset();
  const input = { dataset_id: datasetId, hf_dataset_url: `${DATASETS}/${MANY}` };
  const output = await stack.import(input);
  expect(output).toMatchObject({ status: 'succeeded', processed_scenes: 1200 });
  const files = 3;
  const first = await hubRequests();
  // the first footer is read twice: to find the image column, and for the plan
  expect(first).toMatchObject({ footers: files + 1, rows: files });
  expect(first.counted).toBeLessThanOrEqual(2 + 1 + (files + 1) + files);
  expect(await puts()).toBe(1200);

  const scenes = await stack.scenes(datasetId);
  await Promise.all([stack.endpoints.hub.url, stack.endpoints.bucket.endpoint].map(stack.forgetRequests));
  const again = await stack.import(input);
  expect(again).toMatchObject({ processed_scenes: 0, skipped: { exists: 1200 }, stored_bytes: 0, fetched_bytes: 0 });
  expect(await hubRequests()).toMatchObject({ footers: files + 1, rows: 0 });
  expect(await puts()).toBe(0);
  expect(await stack.scenes(datasetId)).toEqual(scenes);
});

it('fetches hardly more bytes than the files have', async () => {
  const output = await stack.import({ dataset_id: await stack.createDataset(), hf_dataset_url: SAMPLE_URL });
  const data = join(import.meta.dirname, '../../local/sample-rooms/repo/data');
  const fileBytes = [0, 1].reduce((sum, i) => sum + statSync(join(data, `train-0000${i}-of-00002.parquet`)).size, 0);
  const { bytes } = await hubRequests();
  expect(bytes).toBeLessThanOrEqual(1.1 * fileBytes);
  expect(output.fetched_bytes).toBeGreaterThan(output.stored_bytes);
  expect(output.fetched_bytes).toBeLessThanOrEqual(fileBytes);
});

it('reads no more rows and footers than max_images needs', async () => {
  const datasetId = await stack.createDataset();
  const output = await stack.import({ dataset_id: datasetId, hf_dataset_url: `${DATASETS}/${MANY}`, max_images: 3 });
  expect(output).toMatchObject({ status: 'succeeded', total_rows: 3, processed_scenes: 3 });
  expect((await stack.scenes(datasetId)).map(({ hf_index }) => hf_index)).toEqual([0, 1, 2]);
  const { footers, rows } = await hubRequests();
  expect(footers).toBe(2); // of one file
  expect(rows).toBeLessThanOrEqual(2); // its page index, and the pages of the rows
  expect(await puts()).toBe(3);
});

it('has so many downloads under way as the environment allows, and no more', async () => {
  const { importConcurrency, hubDownloads } = environmentOf('embedded');
  // the first ones are held, so that the others come to wait behind them
  await stack.addFaults(stack.endpoints.hub.url, [
    { match: { path: '\\.jpg' }, times: importConcurrency * hubDownloads, delayMs: 500 },
  ]);
  const output = await stack.import({
    dataset_id: await stack.createDataset(),
    hf_dataset_url: `${DATASETS}/folder/large`,
  });
  expect(output).toMatchObject({ status: 'succeeded', processed_scenes: FOLDER_ROWS });
  const { maxConcurrent } = await hubRequests();
  expect(maxConcurrent).toBeGreaterThanOrEqual(hubDownloads);
  expect(maxConcurrent).toBeLessThanOrEqual(importConcurrency * hubDownloads);
});
