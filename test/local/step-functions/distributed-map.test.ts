import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { bucketServer, fail, lambda, stepFunctions } from './harness.ts';

const BUCKET = 'run-bucket';

const map = (states: Record<string, object>, more: object = {}) => ({
  StartAt: 'Rows',
  States: {
    Rows: {
      Type: 'Map',
      Label: 'rows',
      MaxConcurrency: 3,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSONL' },
        Parameters: { Bucket: BUCKET, 'Key.$': '$.manifest' },
      },
      ItemSelector: {
        'row.$': '$$.Map.Item.Value',
        'index.$': '$$.Map.Item.Index',
        'job.$': '$$.Execution.Name',
      },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: Object.keys(states)[0],
        States: states,
      },
      End: true,
      ...more,
    },
  },
});
const WRITER = {
  ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: BUCKET, 'Prefix.$': '$.prefix' } },
};

async function mapRunOf(client: SFNClient, executionArn: string) {
  const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
  expect(mapRuns).toHaveLength(1);
  return client.send(new DescribeMapRunCommand({ mapRunArn: mapRuns[0]?.mapRunArn }));
}

async function setUp(lines: readonly string[], functions = {}) {
  const bucket = await bucketServer(BUCKET);
  const put = new PutObjectCommand({ Bucket: BUCKET, Key: 'manifest.jsonl', Body: `${lines.join('\n')}\n` });
  await bucket.client.send(put);
  const read = async (Key: string) =>
    JSON.parse(
      (await (await bucket.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).Body?.transformToString()) ?? '',
    );
  return { read, sfn: await stepFunctions(functions, { s3Url: bucket.url }) };
}

it('runs a child for each line, with an inline map in it, and writes results beside a balanced count', async () => {
  let active = 0;
  let most = 0;
  const work = async (input: unknown) => {
    most = Math.max(most, ++active);
    await new Promise(setImmediate);
    active -= 1;
    const { n } = input as { n: number };
    return n === 4 ? fail('Poison', 'row 4') : n * 10;
  };
  const lines = Array.from({ length: 12 }, (_, i) => `{"ns": [${i}]}`);
  lines.splice(5, 0, '', '\r');
  const { read, sfn } = await setUp(lines, { work });
  const items = {
    Type: 'Map',
    ItemsPath: '$.row.ns',
    ItemSelector: { 'n.$': '$$.Map.Item.Value' },
    ItemProcessor: { StartAt: 'W', States: { W: { Type: 'Task', Resource: lambda('work'), End: true } } },
    ResultPath: '$.results',
    Next: 'Who',
  };
  const who = {
    Type: 'Pass',
    Parameters: { 'results.$': '$.results', 'job.$': '$.job', 'child.$': '$$.Execution.Id' },
    End: true,
  };
  const definition = map({ Items: items, Who: who }, { ToleratedFailurePercentage: 100, ...WRITER });
  const { arn, status, output } = await sfn.run(definition, { manifest: 'manifest.jsonl', prefix: 'runs/1' });
  expect(status).toBe('SUCCEEDED');
  expect(most).toBe(3);

  const run = await mapRunOf(sfn.client, arn);
  expect(run).toMatchObject({ status: 'SUCCEEDED', maxConcurrency: 3, toleratedFailurePercentage: 100 });
  const counts = {
    pending: 0,
    running: 0,
    succeeded: 11,
    failed: 1,
    timedOut: 0,
    aborted: 0,
    total: 12,
    resultsWritten: 12,
  };
  expect(run.itemCounts).toEqual(counts);
  expect(run.executionCounts).toEqual(counts);

  const key = `runs/1/${run.mapRunArn?.split(':').at(-1)}/manifest.json`;
  expect(output).toEqual({ MapRunArn: run.mapRunArn, ResultWriterDetails: { Bucket: BUCKET, Key: key } });
  const manifest = await read(key);
  expect(manifest).toMatchObject({ DestinationBucket: BUCKET, ResultFiles: { PENDING: [] } });
  const succeeded = await read(manifest.ResultFiles.SUCCEEDED[0].Key);
  expect(succeeded).toHaveLength(11);
  const parsed = succeeded.map((record: { Input: string; Output: string; ExecutionArn: string }) => {
    const { row, index } = JSON.parse(record.Input);
    expect(row.ns).toEqual([index]);
    expect(JSON.parse(record.Output)).toEqual({
      results: [index * 10],
      job: arn.split(':').at(-1),
      child: record.ExecutionArn,
    });
    return index;
  });
  expect(parsed.sort((a: number, b: number) => a - b)).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]);
  const [failed] = await read(manifest.ResultFiles.FAILED[0].Key);
  expect(failed).toMatchObject({ Status: 'FAILED', Error: 'Poison' });

  const { executions = [] } = await sfn.client.send(
    new ListExecutionsCommand({ mapRunArn: run.mapRunArn, statusFilter: 'FAILED' }),
  );
  expect(executions.map(({ executionArn }) => executionArn)).toEqual([failed.ExecutionArn]);
  const child = await sfn.client.send(new DescribeExecutionCommand({ executionArn: failed.ExecutionArn }));
  expect(child).toMatchObject({ mapRunArn: run.mapRunArn, error: 'Poison', input: failed.Input });
  expect((await sfn.history(failed.ExecutionArn)).at(-1)?.type).toBe('ExecutionFailed');
});

it('ends when more has failed than it tolerates, and keeps what was not begun apart', async () => {
  const lines = Array.from({ length: 20 }, (_, i) => `${i}`);
  const { read, sfn } = await setUp(lines, {
    f: (input: unknown) => ((input as { row: number }).row < 2 ? fail('Bad') : 1),
  });
  const f = { Type: 'Task', Resource: lambda('f'), End: true };
  const definition = map({ F: f }, { MaxConcurrency: 1, ToleratedFailureCount: 1, ...WRITER });
  const { arn, ...rest } = await sfn.run(definition, { manifest: 'manifest.jsonl', prefix: 'x' });
  expect(rest).toMatchObject({
    status: 'FAILED',
    error: 'States.ExceedToleratedFailureThreshold',
    cause: 'The specified tolerated failure threshold was exceeded',
  });
  const run = await mapRunOf(sfn.client, arn);
  expect(run.status).toBe('FAILED');
  expect(run.itemCounts).toMatchObject({ failed: 2, pending: 18, total: 20 });
  const { ResultFiles } = await read(`x/${run.mapRunArn?.split(':').at(-1)}/manifest.json`);
  expect(await read(ResultFiles.PENDING[0].Key)).toHaveLength(18);
  const types = (await sfn.history(arn)).map(({ type }) => type);
  expect(types.slice(2)).toEqual([
    'MapStateStarted',
    'MapRunStarted',
    'MapRunFailed',
    'MapStateFailed',
    'ExecutionFailed',
  ]);
});

it.each([
  { title: 'a line that is not JSON', lines: ['{}', '{'], key: 'manifest.jsonl', cause: /^Line 2 is not JSON/ },
  { title: 'a manifest that is not there', lines: [], key: 'none.jsonl', cause: /NoSuchKey/ },
])('starts no child for $title', async ({ lines, key, cause }) => {
  let calls = 0;
  const { sfn } = await setUp(lines, { f: () => calls++ });
  const caught = { Type: 'Fail', ErrorPath: '$.Error', CausePath: '$.Cause' };
  const definition = map(
    { F: { Type: 'Task', Resource: lambda('f'), End: true } },
    { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] },
  );
  const result = await sfn.run({ ...definition, States: { ...definition.States, Caught: caught } }, { manifest: key });
  expect(result).toMatchObject({
    status: 'FAILED',
    error: 'States.ItemReaderFailed',
    cause: expect.stringMatching(cause),
  });
  expect(calls).toBe(0);
});

it('cuts items into batches by number and by size, and gives outputs in order', async () => {
  const sfn = await stepFunctions();
  const processor = {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'P',
    States: { P: { Type: 'Pass', End: true } },
  };
  const definition = (batcher: object) => ({
    StartAt: 'M',
    States: {
      M: {
        Type: 'Map',
        ItemBatcher: { BatchInput: { 'job.$': '$$.Execution.Name' }, ...batcher },
        ItemProcessor: processor,
        End: true,
      },
    },
  });
  const bySize = await sfn.run(definition({ MaxInputBytesPerBatch: 110 }), ['a'.repeat(20), 'b'.repeat(20), 'c']);
  expect(bySize.output).toEqual([
    { BatchInput: { job: bySize.arn.split(':').at(-1) }, Items: ['a'.repeat(20)] },
    { BatchInput: { job: bySize.arn.split(':').at(-1) }, Items: ['b'.repeat(20), 'c'] },
  ]);
  const byNumber = await sfn.run(definition({ MaxItemsPerBatch: 2 }), [1, 2, 3]);
  expect(byNumber.output).toMatchObject([{ Items: [1, 2] }, { Items: [3] }]);
  expect((await mapRunOf(sfn.client, byNumber.arn)).itemCounts?.total).toBe(3);
});
