import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { executionArn, readJob } from '../../cli/job.ts';
import { statusLine } from '../../cli/status-text.ts';

const ID = '6f1d0c4e-7a64-4f2a-8a0f-0a8d4cf1f0aa';
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:ImportDataset-embedded';
const SUMMARY = { status: 'succeeded', job_id: ID, total_rows: 3, processed_scenes: 2, failed_scenes: 1 };
const FAILED = { status: 'failed', job_id: ID, error: { name: 'BadInputError', message: 'there is no split "x"' } };

function described(more: Partial<DescribeExecutionCommandOutput>): DescribeExecutionCommandOutput {
  return {
    $metadata: {},
    executionArn: executionArn(MACHINE, ID),
    stateMachineArn: MACHINE,
    name: ID,
    status: 'RUNNING',
    startDate: new Date('2026-11-21T10:00:00Z'),
    input: '{"hf_dataset_url":"https://huggingface.co/datasets/a/b"}',
    ...more,
  };
}

it('names an execution as Step Functions does', () => {
  expect(executionArn(MACHINE, ID)).toBe(
    `arn:aws:states:us-east-1:000000000000:execution:ImportDataset-embedded:${ID}`,
  );
});

describe('readJob', () => {
  it.each([
    { name: 'runs', more: {}, status: 'running', output: undefined },
    { name: 'waits for a redrive', more: { status: 'PENDING_REDRIVE' }, status: 'queued', output: undefined },
    {
      name: 'succeeded',
      more: { status: 'SUCCEEDED', output: JSON.stringify(SUMMARY) },
      status: 'succeeded',
      output: SUMMARY,
    },
    {
      name: 'failed: its cause is the output',
      more: { status: 'FAILED', error: 'BadInputError', cause: JSON.stringify(FAILED) },
      status: 'failed',
      output: FAILED,
    },
    {
      name: 'failed by the service, with a text',
      more: { status: 'FAILED', error: 'States.Runtime', cause: 'the state has no input' },
      status: 'failed',
      output: { status: 'failed', job_id: ID, error: { name: 'States.Runtime', message: 'the state has no input' } },
    },
    {
      name: 'failed, and the cause is JSON of something else',
      more: { status: 'FAILED', error: 'Error', cause: '{"errorMessage":"boom"}' },
      status: 'failed',
      output: { status: 'failed', job_id: ID, error: { name: 'Error', message: '{"errorMessage":"boom"}' } },
    },
    {
      name: 'was stopped without a word',
      more: { status: 'ABORTED' },
      status: 'aborted',
      output: { status: 'failed', job_id: ID, error: { name: 'aborted', message: 'no cause was given' } },
    },
    {
      name: 'timed out',
      more: { status: 'TIMED_OUT', error: 'States.Timeout' },
      status: 'timed_out',
      output: { status: 'failed', job_id: ID, error: { name: 'States.Timeout', message: 'no cause was given' } },
    },
  ] as const)('a job that $name', ({ more, status, output }) => {
    const job = readJob(described(more));
    expect(job).toMatchObject({ id: ID, status, url: 'https://huggingface.co/datasets/a/b' });
    expect(job.output).toEqual(output);
  });
});

describe('statusLine', () => {
  it('gives the counts so far of a job that runs', () => {
    const progress = { totalRows: 10, processed: 4, skipped: 1, failed: 2, storedBytes: 99 };
    expect(statusLine(readJob(described({})), progress)).toEqual({
      id: ID,
      status: 'running',
      total_rows: 10,
      processed_scenes: 4,
      skipped_scenes: 1,
      failed_scenes: 2,
      stored_bytes: 99,
      started_at: '2026-11-21T10:00:00.000Z',
      finished_at: null,
    });
  });

  it('says that a job was stopped, where the output knows failed only', () => {
    expect(statusLine(readJob(described({ status: 'ABORTED', cause: 'enough' })), undefined)).toMatchObject({
      status: 'aborted',
      error: { message: 'enough' },
    });
  });
});
