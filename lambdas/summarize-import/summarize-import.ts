import type { CaughtError } from '../shared/jobs/caught-error.ts';
import type { ImportPlan } from '../shared/jobs/import-plan.ts';
import type { ImportSource } from '../shared/jobs/import-source.ts';
import type { ImportSummary } from '../shared/jobs/import-summary.ts';
import { readJsonLines, toJsonLine } from '../shared/jobs/json-lines.ts';
import type { RangeRecord } from '../shared/jobs/range-ledger.ts';
import type { RowFailure } from '../shared/jobs/row-failure.ts';
import type { RowRange } from '../shared/jobs/row-range.ts';
import type { Log } from '../shared/log.ts';
import type { RunBucket } from '../shared/storage/object-store.ts';
import { failuresKey, manifestKey, resultKey, summaryKey } from '../shared/storage/run-keys.ts';

export interface SummarizeImportDeps {
  readonly runs: RunBucket;
  readonly loadSource: (jobId: string) => Promise<ImportSource | undefined>;
  readonly loadPlan: (jobId: string) => Promise<ImportPlan | undefined>;
  readonly now: () => number;
  readonly log: Log;
}

/** Results that are read ahead of the one that is counted. */
const READ_AHEAD = 16;

/**
 * Holds the manifest against the results: every row of the plan is processed, skipped or failed, and what has no result
 * is failed with the reason `no_result`. Writes `failures.jsonl` and `summary.json`.
 * @param job `broken`: what stopped it, when something did; `startedAt`: epoch milliseconds
 */
export async function summarizeImport(
  job: { jobId: string; datasetId: string | undefined; broken: CaughtError | undefined; startedAt: number },
  deps: SummarizeImportDeps,
): Promise<ImportSummary> {
  const { jobId, broken } = job;
  const source = await deps.loadSource(jobId);
  const plan = await deps.loadPlan(jobId);
  const counts = new Counts();
  await deps.runs.putStream(failuresKey(jobId), failureLines(jobId, plan, counts, deps), 'application/jsonl');

  const totalRows = plan?.total_rows ?? 0;
  const error = errorOf(broken, totalRows, counts, jobId);
  if (broken && !error) deps.log.warn('the job broke after its last row', { error: broken });
  const summary: ImportSummary = {
    status: error ? 'failed' : 'succeeded',
    job_id: jobId,
    dataset_id: source?.dataset_id ?? job.datasetId ?? null,
    repo: source?.repo ?? null,
    revision: source?.revision ?? null,
    config: source?.config ?? null,
    split: source?.split ?? null,
    total_rows: totalRows,
    processed_scenes: counts.processed,
    skipped_scenes: counts.skippedRows,
    failed_scenes: counts.failedRows,
    skipped: counts.skipped,
    failures: counts.failures,
    failures_key: failuresKey(jobId),
    stored_bytes: counts.storedBytes,
    fetched_bytes: counts.fetchedBytes,
    hub_requests: counts.hubRequests,
    seconds: Math.round((deps.now() - job.startedAt) / 100) / 10,
    ...(plan && plan.unreadable_files.length > 0 ? { unreadable_files: plan.unreadable_files.slice(0, 20) } : {}),
    ...(error ? { error } : {}),
  };
  await deps.runs.put(summaryKey(jobId), JSON.stringify(summary), 'application/json');
  deps.log.info('import summarized', { ...summary });
  return summary;
}

/** Why the job is failed, or `undefined` when it is not: what breaks when every row has its result costs nothing. */
function errorOf(
  broken: CaughtError | undefined,
  totalRows: number,
  counts: Counts,
  jobId: string,
): CaughtError | undefined {
  const hasResults = totalRows > 0 && counts.failures.no_result === undefined;
  if (broken && !hasResults) return broken;
  if (totalRows === 0 || counts.processed + counts.skippedRows > 0) return undefined;
  const reason = counts.firstFailure?.message ?? 'no reason is known';
  const message = `none of the ${totalRows} rows could be imported; the first one: ${reason} (${failuresKey(jobId)} has all)`;
  return { name: 'NoRowImported', message };
}

class Counts {
  firstFailure: RowFailure | undefined;
  processed = 0;
  skippedRows = 0;
  failedRows = 0;
  storedBytes = 0;
  fetchedBytes = 0;
  hubRequests = 0;
  readonly skipped: Record<string, number> = {};
  readonly failures: Record<string, number> = {};

  add(record: RangeRecord): void {
    this.processed += record.processed;
    for (const [reason, count] of Object.entries(record.skipped)) {
      this.skippedRows += count;
      this.skipped[reason] = (this.skipped[reason] ?? 0) + count;
    }
    this.storedBytes += record.stored_bytes;
    this.fetchedBytes += record.fetched_bytes;
    this.hubRequests += record.hub_requests;
  }

  fail(failure: RowFailure): string {
    this.firstFailure ??= failure;
    this.failedRows += 1;
    this.failures[failure.reason] = (this.failures[failure.reason] ?? 0) + 1;
    return toJsonLine(failure);
  }
}

/** The lines of `failures.jsonl` in dataset order; counts every row on the way. */
async function* failureLines(
  jobId: string,
  plan: ImportPlan | undefined,
  counts: Counts,
  deps: SummarizeImportDeps,
): AsyncGenerator<string> {
  if (!plan) return;
  for await (const { range, record } of readResults(jobId, plan, deps.runs)) {
    if (record) {
      counts.add(record);
      for (const failure of record.failures) yield counts.fail(failure);
    }
    for (let index = record?.next_row ?? range.first_row; index <= range.last_row; index++) {
      yield counts.fail({ index, reason: 'no_result', message: 'the range left no result', image: null });
    }
  }
}

async function* readResults(
  jobId: string,
  plan: ImportPlan,
  runs: RunBucket,
): AsyncGenerator<{ range: RowRange; record: RangeRecord | undefined }> {
  const ahead: Promise<{ range: RowRange; record: RangeRecord | undefined }>[] = [];
  const load = async (range: RowRange) => {
    const text = await runs.getText(resultKey(jobId, range.range));
    return { range, record: text === undefined ? undefined : (JSON.parse(text) as RangeRecord) };
  };
  for await (const { value } of readJsonLines<RowRange>(runs, manifestKey(jobId), plan.manifest_bytes)) {
    const loading = load(value);
    loading.catch(() => {}); // is thrown where it is awaited
    ahead.push(loading);
    const first = ahead.length > READ_AHEAD ? ahead.shift() : undefined;
    if (first) yield await first;
  }
  for (const loading of ahead) yield await loading;
}
