import { rowsDone } from './fold-records.ts';
import { formatCount, formatDuration, formatPercent, formatRate } from './format.ts';
import type { Progress } from './run-progress.ts';
import type { Speed } from './speed-meter.ts';

/** `340 of 1,000 rows (34 %)`. */
function rowsText(progress: Progress): string {
  const done = rowsDone(progress);
  const rows = progress.totalRows === 1 ? 'row' : 'rows';
  return `${formatCount(done)} of ${formatCount(progress.totalRows)} ${rows} (${formatPercent(done, progress.totalRows)})`;
}

/** `28.0 images/s · 5.4 MB/s · 23 s left`. How long it takes is left out while nobody knows, and when nothing is left. */
function speedText({ imagesPerSecond, bytesPerSecond, secondsLeft }: Speed): string {
  const left = secondsLeft ? ` · ${formatDuration(secondsLeft)} left` : '';
  return `${formatRate(imagesPerSecond)} images/s · ${formatRate(bytesPerSecond / 1e6)} MB/s${left}`;
}

/** All of it on one line. */
export function progressLine(progress: Progress, speed: Speed | undefined): string {
  const parts = [rowsText(progress)];
  if (progress.skipped > 0) parts.push(`${formatCount(progress.skipped)} skipped`);
  if (progress.failed > 0) parts.push(`${formatCount(progress.failed)} failed`);
  if (speed) parts.push(speedText(speed));
  return parts.join(' · ');
}
