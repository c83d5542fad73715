import { posix } from 'node:path';
import type { RowFailure } from '../lambdas/shared/jobs/row-failure.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatReasons,
  formatTable,
  plural,
  printable,
} from './format.ts';
import { elapsedSeconds, type Job, type JobOutput } from './job.ts';

/** Failed rows that a result shows. */
export const SHOWN_FAILURES = 10;
const MAX_MESSAGE = 160;

/** The result of a job that has ended, for a person: what, how much, how fast, and what went wrong. */
export function resultText(job: Job, failures: readonly RowFailure[]): string {
  const { output } = job;
  if (!output) return '';
  const sections = [headline(job, output), ...countLines(job, output)].join('\n');
  return [sections, failureText(output, failures), unreadableText(output)].filter((text) => text !== '').join('\n\n');
}

export interface StackPlaces {
  /** The stack's folder. */
  readonly dataDir: string;
  readonly bucket: string;
  readonly runBucket: string;
  /** Shows the job again; not said to who has just typed it. */
  readonly statusCommand?: string;
}

/** Where the images, the scenes and the job's own objects are. */
export function whereToLook(job: Job, { dataDir, bucket, runBucket, statusCommand }: StackPlaces): string {
  const buckets = posix.join(dataDir, 'buckets');
  const rows = statusCommand === undefined ? [] : [['  job', statusCommand]];
  if (job.output?.total_rows) {
    rows.push(
      ['  images', posix.join(buckets, bucket, 'scenes/{scene id}/original.*')],
      ['  scenes', `table scenes where dataset_id = ${job.output.dataset_id}`],
    );
  }
  rows.push(['  records', posix.join(buckets, runBucket, 'runs', job.id)]);
  return ['Where to look', ...formatTable(rows)].join('\n');
}

function headline({ status, url }: Job, output: JobOutput): string {
  const parts = [output.config, output.split].filter((part) => typeof part === 'string');
  const source = `${output.repo ?? url ?? 'dataset'}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
  const at = output.revision ? ` at ${output.revision.slice(0, 7)}` : '';
  if (status === 'succeeded') return `✔ Imported ${printable(source + at)}`;
  const verb = { aborted: 'was stopped', timed_out: 'timed out' }[status as string] ?? 'failed';
  const lines = [`✘ The import of ${printable(source + at)} ${verb}`];
  if (output.error) lines.push(`  ${printable(output.error.name)}: ${printable(output.error.message)}`);
  return lines.join('\n');
}

function countLines(job: Job, output: JobOutput): string[] {
  if (output.total_rows === undefined || (output.total_rows === 0 && job.status !== 'succeeded')) return [];
  const { processed_scenes: processed = 0, skipped_scenes: skipped = 0, failed_scenes: failed = 0 } = output;
  const seconds = elapsedSeconds(job);
  const stored = output.stored_bytes ?? 0;
  const perSecond = (amount: number): number => (seconds > 0 ? amount / seconds : 0);
  const speed =
    ` · ${formatRate(perSecond(processed))} images/s · ${formatRate(perSecond(stored) / 1e6)} MB/s` +
    ` · ${formatBytes(stored)} stored`;
  return [
    `  ${plural(output.total_rows, 'row')}: ${formatCount(processed)} imported, ${formatCount(skipped)} skipped` +
      `${skipNote(output)}, ${formatCount(failed)} failed`,
    `  ${formatDuration(seconds)}${processed > 0 ? speed : ''}`,
  ];
}

const SKIPS: Readonly<Record<string, string>> = { exists: 'there already', reviewed: 'reviewed by a person' };

function skipNote({ skipped = {} }: JobOutput): string {
  const reasons = Object.entries(skipped).filter(([, count]) => count > 0);
  const notes = reasons.map(([reason, count]) => {
    const words = SKIPS[reason] ?? reason;
    return reasons.length === 1 ? words : `${formatCount(count)} ${words}`;
  });
  return notes.length === 0 ? '' : ` (${notes.join(', ')})`;
}

function failureText(output: JobOutput, failures: readonly RowFailure[]): string {
  const failed = output.failed_scenes ?? 0;
  if (failed === 0) return '';
  const shown = failures.slice(0, SHOWN_FAILURES);
  const table = formatTable(
    shown.map(({ index, reason, message, image }) => [
      `  row ${index}`,
      printable(reason),
      shorten(printable(message)) + (image === null ? '' : ` (${shorten(printable(image))})`),
    ]),
  );
  const reasons = output.failures ? `: ${formatReasons(output.failures)}` : '';
  const lines = [`${plural(failed, 'row')} failed${reasons}`, ...table];
  if (failed > shown.length && output.failures_key) lines.push(`  … all of them are in ${output.failures_key}`);
  return lines.join('\n');
}

function unreadableText({ unreadable_files: files = [] }: JobOutput): string {
  if (files.length === 0) return '';
  const table = formatTable(files.map(({ path, message }) => [`  ${printable(path)}`, shorten(printable(message))]));
  return ['Files that could not be read, whose rows are not counted:', ...table].join('\n');
}

function shorten(text: string): string {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
