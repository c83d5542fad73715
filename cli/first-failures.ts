import type { RowFailure } from '../lambdas/shared/jobs/row-failure.ts';
import type { JobOutput } from './job.ts';
import { SHOWN_FAILURES } from './result-text.ts';

const MAX_LINE_BYTES = 4096;

/** The first lines of a job's `failures.jsonl`; none when it cannot be read. */
export async function firstFailures(
  output: JobOutput | undefined,
  getHead: (key: string, maxBytes: number) => Promise<string | undefined>,
): Promise<RowFailure[]> {
  if (!output?.failures_key || !output.failed_scenes) return [];
  const head = await getHead(output.failures_key, SHOWN_FAILURES * MAX_LINE_BYTES).catch(() => undefined);
  const lines = (head ?? '').split('\n').slice(0, -1); // the last one is empty, or cut
  return lines.slice(0, SHOWN_FAILURES).map((line) => JSON.parse(line) as RowFailure);
}
