import { randomUUID } from 'node:crypto';
import type { ImportInput } from '../lambdas/shared/jobs/import-input.ts';
import type { Endpoints } from '../local/stack/endpoints.ts';
import { findOrCreateDataset } from './find-dataset.ts';
import { firstFailures } from './first-failures.ts';
import { followJob } from './follow-job.ts';
import { Interrupted } from './interrupt.ts';
import type { Job } from './job.ts';
import { commandLine } from './program-name.ts';
import { createProgressDisplay, type ProgressDisplay } from './progress-display.ts';
import { resultText, whereToLook } from './result-text.ts';
import { RunProgress } from './run-progress.ts';
import { connect } from './stack-clients.ts';

export interface ImportRequest {
  readonly url: string;
  /** Row of `datasets`. @default found by the URL, or created */
  readonly datasetId?: string;
  /** Name of a new dataset. @default the repository's */
  readonly name?: string;
  readonly config?: string;
  readonly split?: string;
  readonly revision?: string;
  readonly imageColumn?: string;
  readonly maxImages?: number;
  /** Rows that are there already are done again. */
  readonly refresh?: boolean;
  /** Whether the images are analysed afterwards. @default true */
  readonly process?: boolean;
}

export interface RunImportOptions {
  readonly endpoints: Endpoints;
  /** The stack's folder. */
  readonly dataDir: string;
  /** The stack ends with the import, so that nobody can ask for the job's status. @default false */
  readonly stackEnds?: boolean;
  readonly signal: AbortSignal;
}

/** A job that has ended, and what there is to say of it. */
export interface ImportRun {
  readonly job: Job;
  readonly text: string;
}

/** The input of ImportDataset; what was not asked for is left to its defaults. */
export function toImportInput(
  datasetId: string,
  request: ImportRequest,
): Partial<ImportInput> & Pick<ImportInput, 'dataset_id' | 'hf_dataset_url'> {
  return {
    dataset_id: datasetId,
    hf_dataset_url: request.url,
    subset: request.config,
    split: request.split,
    revision: request.revision,
    image_column: request.imageColumn,
    max_images: request.maxImages,
    on_existing: request.refresh ? 'refresh' : undefined,
    process: request.process === false ? false : undefined,
  };
}

/**
 * Starts an import and follows it to its end; progress goes to stderr.
 * @throws {Interrupted} when the signal is aborted; the job goes on
 */
export async function runImport(request: ImportRequest, options: RunImportOptions): Promise<ImportRun> {
  const { endpoints, dataDir, signal } = options;
  const clients = connect(endpoints, signal);
  const display = createProgressDisplay({ stream: process.stderr, now: Date.now });
  let jobId: string | undefined;
  try {
    const datasetId = request.datasetId ?? (await findOrCreateDataset(clients.supabase, request));
    signal.throwIfAborted();
    const id = randomUUID();
    await clients.startImport(id, toImportInput(datasetId, request));
    jobId = id;
    process.stderr.write(`Job ${id}: importing ${request.url}\n`);
    const progress = new RunProgress(id, clients.runs);
    const job = await followJob(id, {
      describe: () => clients.describeJob(id),
      readProgress: () => progress.read(),
      show: (state) => display.show(state),
      signal,
    });
    showEnd(job, display);
    const result = resultText(job, await firstFailures(job.output, clients.runs.getHead));
    const where = whereToLook(job, {
      dataDir,
      bucket: endpoints.bucket.name,
      runBucket: endpoints.runBucket.name,
      statusCommand: options.stackEnds ? undefined : commandLine(`status ${id}`, dataDir),
    });
    return { job, text: `${result}\n\n${where}\n` };
  } catch (error) {
    if (signal.aborted) throw new Interrupted(jobId);
    throw error;
  } finally {
    display.stop();
    clients.close();
  }
}

/** Brings the display to the numbers that count. */
function showEnd({ output }: Job, display: ProgressDisplay): void {
  if (!output?.total_rows) return;
  display.show({
    totalRows: output.total_rows,
    processed: output.processed_scenes ?? 0,
    skipped: output.skipped_scenes ?? 0,
    failed: output.failed_scenes ?? 0,
    storedBytes: output.stored_bytes ?? 0,
  });
  display.stop();
}
