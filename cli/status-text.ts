import { NOTHING } from './fold-records.ts';
import { formatDuration, printable } from './format.ts';
import { elapsedSeconds, type Job } from './job.ts';
import { progressLine } from './progress-text.ts';
import type { Progress } from './run-progress.ts';
import { SpeedMeter } from './speed-meter.ts';

/** The counts of a job in the words of its output. */
export function countsOf({ totalRows, processed, skipped, failed, storedBytes }: Progress) {
  return {
    total_rows: totalRows,
    processed_scenes: processed,
    skipped_scenes: skipped,
    failed_scenes: failed,
    stored_bytes: storedBytes,
  };
}

/** A job as one JSON object: what its output says when it has ended, else its counts so far. */
export function statusLine(job: Job, progress: Progress | undefined): Readonly<Record<string, unknown>> {
  return {
    id: job.id,
    ...job.output,
    ...(progress ? countsOf(progress) : {}),
    status: job.status, // the output knows succeeded and failed only
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
  };
}

/** A job that runs, for a person. Its speed is that of the whole time since it started. */
export function runningText(job: Job, progress: Progress | undefined, now: Date): string {
  const lines = [`Job ${job.id} is ${job.status}`];
  if (job.url !== undefined) lines.push(`  ${printable(job.url)}`);
  if (job.startedAt) {
    const meter = new SpeedMeter(Number.POSITIVE_INFINITY);
    meter.add(job.startedAt.getTime(), NOTHING);
    if (progress) {
      meter.add(now.getTime(), progress);
      lines.push(`  ${progressLine(progress, meter.speed(progress.totalRows))}`);
    } else {
      lines.push('  reading what the dataset holds');
    }
    lines.push(`  started ${formatDuration(elapsedSeconds(job, now))} ago, at ${job.startedAt.toISOString()}`);
  }
  return `${lines.join('\n')}\n`;
}
