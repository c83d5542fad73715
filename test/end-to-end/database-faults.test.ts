import { randomUUID } from 'node:crypto';
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
let database: string;
/** What an import without faults leaves. */
let clean: ImportedRow[];
const datasetIds: string[] = [];

beforeAll(async () => {
  stack = await startTestStack();
  database = stack.endpoints.supabase.url;
  clean = (await run()).rows;
  expect(clean).toHaveLength(ROWS);
});
afterEach(() => stack.clearFaults(database));
afterAll(() => stack.close());

/** An import into a dataset of its own, or again into an earlier one's. */
async function run({ datasetId, rules = [] }: { datasetId?: string; rules?: FaultRule[] } = {}) {
  const id = datasetId ?? (await stack.createDataset());
  datasetIds.push(...(datasetId ? [] : [id]));
  await stack.addFaults(database, rules);
  const executionArn = await stack.start({ dataset_id: id, hf_dataset_url: URL });
  const output = await stack.end(executionArn);
  const faultsLeft = await stack.faultsLeft(database);
  await stack.clearFaults(database);
  return { datasetId: id, executionArn, output, faultsLeft, rows: await importedRows(stack, id) };
}

const passing: { fault: string; rules: FaultRule[] }[] = [
  {
    fault: '500s at every kind of request',
    rules: [
      { match: { path: '/rest/v1/datasets' }, times: 2, status: 500 },
      { match: { path: '/rpc/find_scenes' }, times: 2, status: 503 },
      { match: { path: '/rpc/import_scenes' }, times: 2, status: 500 },
    ],
  },
  {
    fault: 'a pause that it asks for',
    rules: [{ match: { path: '/rpc/import_scenes' }, times: 1, status: 429, headers: { 'retry-after': '1' } }],
  },
  {
    fault: 'a write whose answer is lost',
    rules: [{ match: { path: '/rpc/import_scenes' }, times: 1, cutAfterBytes: 0 }],
  },
  {
    fault: 'a write whose answer is cut',
    rules: [{ match: { path: '/rpc/import_scenes' }, times: 2, cutAfterBytes: 100 }],
  },
];

it.each(passing)('imports the same through $fault', async ({ rules }) => {
  const { executionArn, output, faultsLeft, rows } = await run({ rules });
  expect(faultsLeft).toEqual([]);
  expect(output).toMatchObject({ status: 'succeeded', processed_scenes: ROWS });
  expect(rows).toEqual(clean);
  // all of it is passed inside the handler
  expect(await childVisits(stack, executionArn)).toMatchObject([{ invocations: 1, entered: { RangeDone: 1 } }]);
});

it('counts rows right whose writes all arrived and were never answered', async () => {
  const { executionArn, output, rows } = await run({
    rules: [{ match: { path: '/rpc/import_scenes' }, cutAfterBytes: 0 }],
  });
  expect(output).toMatchObject({ status: 'succeeded', processed_scenes: ROWS, failed_scenes: 0 });
  expect(rows).toEqual(clean);
  const [child] = await childVisits(stack, executionArn);
  expect(child?.invocations).toBe(2); // the second finds the scenes of the first
});

it('fails the range, and in the end the job, when the database takes nothing', async () => {
  const { datasetId, executionArn, output, rows } = await run({
    rules: [{ match: { path: '/rpc/import_scenes' }, status: 500 }],
  });
  expect(output).toMatchObject({
    status: 'failed',
    failures: { range_failed: ROWS },
    error: { name: 'NoRowImported' },
  });
  expect((await stack.failures(output))[0]?.message).toMatch(/^TransientError: the database failed: .*500/);
  expect(rows).toEqual([]);
  expect(await childVisits(stack, executionArn)).toMatchObject([{ invocations: 4 + 1 }]); // not one a row

  const again = await run({ datasetId });
  expect(again.output).toMatchObject({ status: 'succeeded', processed_scenes: ROWS });
  expect(again.rows).toEqual(clean);
});

it('says so when the database goes away in the middle', async () => {
  const { datasetId, executionArn, output } = await run({ rules: [{ match: { path: '/rpc/' }, status: 503 }] });
  expect(output).toMatchObject({ status: 'failed', failures: { range_failed: ROWS } });
  expect((await stack.failures(output))[0]?.message).toMatch(/^TransientError: the database failed: .*503/);
  expect(await childVisits(stack, executionArn)).toMatchObject([{ invocations: 4 + 1 }]);

  const again = await run({ datasetId });
  expect(again.rows).toEqual(clean);
});

it('refuses a dataset that is not in the table', async () => {
  const datasetId = randomUUID();
  const { output } = await run({ datasetId });
  expect(output).toMatchObject({ status: 'failed', total_rows: 0, error: { name: 'BadInputError' } });
  expect(output.error?.message).toContain(datasetId);
});

it('leaves no object without a scene, and no secret anywhere', async () => {
  await expectNoOtherObjects(stack, datasetIds);
  expectNoSecrets(stack);
});
