import type { DescribeExecutionCommandOutput, ExecutionStatus } from '@aws-sdk/client-sfn';
import type { ImportSummary } from '../lambdas/shared/jobs/import-summary.ts';

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'aborted' | 'timed_out';

/** What a job leaves behind; a job that broke before it could count has less of it. */
export type JobOutput = Pick<ImportSummary, 'status' | 'job_id'> & Partial<ImportSummary>;

/** One execution of ImportDataset, as Step Functions describes it. */
export interface Job {
  readonly id: string;
  readonly status: JobStatus;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  /** URL that it imports, as far as its input says. */
  readonly url: string | undefined;
  /** There when the job has ended. */
  readonly output: JobOutput | undefined;
}

const STATUSES: Readonly<Record<ExecutionStatus, JobStatus>> = {
  RUNNING: 'running',
  PENDING_REDRIVE: 'queued',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  ABORTED: 'aborted',
  TIMED_OUT: 'timed_out',
};

/** The execution that StartExecution makes of a state machine and a name. */
export function executionArn(stateMachineArn: string, jobId: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${jobId}`;
}

export function isRunning({ status }: Job): boolean {
  return status === 'running' || status === 'queued';
}

/** Seconds that a job took, or has taken until now. */
export function elapsedSeconds({ startedAt, finishedAt }: Job, now: Date = new Date()): number {
  return startedAt ? Math.max(0, ((finishedAt ?? now).getTime() - startedAt.getTime()) / 1000) : 0;
}

/** Reads a description; a failed execution has no output, its cause is the output as JSON. */
export function readJob(described: DescribeExecutionCommandOutput): Job {
  const id = described.name ?? '';
  const status = STATUSES[described.status ?? 'RUNNING'];
  const url = asObject(described.input)?.hf_dataset_url;
  return {
    id,
    status,
    startedAt: described.startDate,
    finishedAt: described.stopDate,
    url: typeof url === 'string' ? url : undefined,
    output: readOutput(described, id, status),
  };
}

function readOutput(described: DescribeExecutionCommandOutput, id: string, status: JobStatus): JobOutput | undefined {
  if (status === 'running' || status === 'queued') return undefined;
  const output = asObject(status === 'succeeded' ? described.output : described.cause);
  if (output && 'job_id' in output && 'status' in output) return output as unknown as JobOutput;
  // stopped from outside, timed out, or failed by the service: nothing of ours has run last
  const message = described.cause ?? 'no cause was given';
  return { status: 'failed', job_id: id, error: { name: described.error ?? status, message } };
}

function asObject(json: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json ?? 'null');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
