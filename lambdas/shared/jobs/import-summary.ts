import type { CaughtError } from './caught-error.ts';
import type { UnreadableFile } from './import-plan.ts';

/**
 * The output of ImportDataset, and `summary.json`. `total_rows` is always the sum of processed, skipped and failed. A
 * failed execution has no output: its cause is this object as JSON.
 */
export interface ImportSummary {
  /** `failed` when there were rows and none was processed or skipped, or when the job itself broke. */
  readonly status: 'succeeded' | 'failed';
  readonly job_id: string;
  readonly dataset_id: string | null;
  readonly repo: string | null;
  readonly revision: string | null;
  readonly config: string | null;
  readonly split: string | null;
  readonly total_rows: number;
  readonly processed_scenes: number;
  readonly skipped_scenes: number;
  readonly failed_scenes: number;
  /** Rows by the reason why they were skipped. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Rows by the reason why they failed. */
  readonly failures: Readonly<Record<string, number>>;
  /** One line a failed row, in the run bucket. */
  readonly failures_key: string;
  readonly stored_bytes: number;
  readonly fetched_bytes: number;
  readonly hub_requests: number;
  /** From the job's start to this summary. */
  readonly seconds: number;
  /** The first files whose rows are not known, because their footers cannot be read. */
  readonly unreadable_files?: readonly UnreadableFile[];
  readonly error?: CaughtError;
}
