import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { FaultRule } from '../../local/stand-in/fault-rules.ts';
import { childVisits } from './child-executions.ts';
import { expectNoSecrets } from './expect-no-secrets.ts';
import { expectNoOtherObjects, type ImportedRow, importedRows } from './imported-rows.ts';
import { startTestStack, type TestStack } from './test-stack.ts';

/** 24 rows in one range. */
const URL = 'https://huggingface.co/datasets/parquet/today';
const ROWS = 24;

let stack: TestStack;
let bucket: string;
/** What an import without faults leaves. */
let clean: ImportedRow[];
const datasetIds: string[] = [];

beforeAll(async () => {
  stack = await startTestStack();
  bucket = stack.endpoints.bucket.endpoint;
  clean = (await run()).rows;
  expect(clean).toHaveLength(ROWS);
});
afterEach(() => stack.clearFaults(bucket));
afterAll(() => stack.close());

/** An import into a dataset of its own, or again into an earlier one's. */
async function run(datasetId?: string) {
  const id = datasetId ?? (await stack.createDataset());
  datasetIds.push(...(datasetId ? [] : [id]));
  const executionArn = await stack.start({ dataset_id: id, hf_dataset_url: URL });
  const output = await stack.end(executionArn);
  return { datasetId: id, executionArn, output, rows: await importedRows(stack, id) };
}

const IMAGES = '^/modomo-images/';
const RUNS = '^/modomo-runs/';

const passing: { fault: string; rules: FaultRule[] }[] = [
  { fault: '503s for uploads', rules: [{ match: { method: 'PUT', path: IMAGES }, times: 6, status: 503 }] },
  { fault: '429s for uploads', rules: [{ match: { method: 'PUT', path: IMAGES }, times: 3, status: 429 }] },
  {
    fault: 'uploads that arrive damaged',
    rules: [{ match: { method: 'PUT', path: IMAGES }, times: 4, corrupt: true }],
  },
  {
    fault: 'uploads whose answer is lost',
    rules: [{ match: { method: 'PUT', path: IMAGES }, times: 4, cutAfterBytes: 0 }],
  },
  {
    fault: 'a run bucket that fails to write and to read',
    rules: [
      { match: { method: 'PUT', path: RUNS }, times: 3, status: 503 },
      { match: { method: 'GET', path: `${RUNS}.*source.json` }, times: 1, cutAfterBytes: 20 },
      { match: { method: 'GET', path: RUNS }, times: 2, status: 500 },
    ],
  },
];

it.each(passing)('imports the same through $fault', async ({ rules }) => {
  await stack.addFaults(bucket, rules);
  const { datasetId, executionArn, output } = await run();
  expect(await stack.faultsLeft(bucket)).toEqual([]);
  expect(output).toMatchObject({ status: 'succeeded', processed_scenes: ROWS });
  expect(await importedRows(stack, datasetId)).toEqual(clean);
  // all of it is passed inside the handler
  expect(await childVisits(stack, executionArn)).toMatchObject([{ invocations: 1, entered: { RangeDone: 1 } }]);
});

it('fails the range, and in the end the job, when the bucket takes nothing', async () => {
  await stack.addFaults(bucket, [{ match: { method: 'PUT', path: IMAGES }, status: 503 }]);
  const { datasetId, executionArn, output } = await run();
  expect(output).toMatchObject({
    status: 'failed',
    failures: { range_failed: ROWS },
    error: { name: 'NoRowImported' },
  });
  expect(output.error?.message).toMatch(
    /^none of the 24 rows could be imported; the first one: TransientError: bucket/,
  );
  expect((await stack.failures(output))[0]?.message).toMatch(/^TransientError: bucket "modomo-images": PUT .* 503/);
  expect(await stack.scenes(datasetId)).toEqual([]); // a row's scene is written only after its image is stored
  expect(await childVisits(stack, executionArn)).toMatchObject([{ invocations: 4 + 1 }]); // not one a row

  await stack.clearFaults(bucket);
  const again = await run(datasetId);
  expect(again.output).toMatchObject({ status: 'succeeded', processed_scenes: ROWS });
  expect(await importedRows(stack, datasetId)).toEqual(clean);
});

it('stands when only the record of the map run, or the release of the lock, cannot be written', async () => {
  await stack.addFaults(bucket, [
    { match: { method: 'PUT', path: `${RUNS}map-runs/` }, status: 503 },
    { match: { method: 'DELETE', path: `${RUNS}locks/` }, status: 503 },
  ]);
  const { datasetId, output, rows } = await run();
  expect(output).toMatchObject({ status: 'succeeded', processed_scenes: ROWS });
  expect(rows).toEqual(clean);
  expect((await run(datasetId)).output).toMatchObject({ status: 'succeeded', skipped: { exists: ROWS } });
});

it('refuses to begin when the bucket denies access', async () => {
  await stack.addFaults(bucket, [{ match: { path: IMAGES }, status: 403 }]);
  const { output } = await run();
  expect(output).toMatchObject({ status: 'failed', total_rows: 0, error: { name: 'ConfigError' } });
  expect(output.error?.message).toContain('bucket "modomo-images"');
});

it('leaves no object without a scene, and no secret anywhere', async () => {
  await expectNoOtherObjects(stack, datasetIds);
  expectNoSecrets(stack);
});
