/** How many items or child executions of a map run stand where. */
export interface Counts {
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
  total: number;
  resultsWritten: number;
}

/** A distributed map under way or ended; dates are milliseconds since the epoch. */
export interface MapRun {
  readonly arn: string;
  readonly executionArn: string;
  /** Of the child executions: `…:stateMachine:{machine}/{label}`. */
  readonly machineArn: string;
  readonly startDate: number;
  readonly itemCounts: Counts;
  readonly executionCounts: Counts;
  /** 0 stands for no limit but the engine's own. May change while it runs. */
  maxConcurrency: number;
  toleratedFailureCount: number | undefined;
  toleratedFailurePercentage: number | undefined;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  stopDate?: number;
}

export function noCounts(): Counts {
  return { pending: 0, running: 0, succeeded: 0, failed: 0, timedOut: 0, aborted: 0, total: 0, resultsWritten: 0 };
}

/** Whether more has failed than the definition tolerates; without a limit, nothing is. */
export function isExceeded(run: MapRun): boolean {
  const { toleratedFailureCount: count, toleratedFailurePercentage: percentage, itemCounts } = run;
  const failed = itemCounts.failed + itemCounts.timedOut;
  if (count === undefined && percentage === undefined) return failed > 0;
  const share = itemCounts.total > 0 ? (failed * 100) / itemCounts.total : 0;
  return (count !== undefined && failed > count) || (percentage !== undefined && share > percentage);
}
