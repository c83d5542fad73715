import { rowsDone } from './fold-records.ts';
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from './format.ts';
import type { Progress } from './run-progress.ts';
import type { Speed } from './speed-meter.ts';

/** `340 of 1,000 rows (34 %)`. */
export function rowsText(progress: Progress): string {
  const done = rowsDone(progress);
  const rows = progress.totalRows === 1 ? 'row' : 'rows';
  return `${formatCount(done)} of ${formatCount(progress.totalRows)} ${rows} (${formatPercent(done, progress.totalRows)})`;
}

/** `28.0 images/s · 5.4 MB/s · 23 s left`. */
export function speedText({ imagesPerSecond, bytesPerSecond, secondsLeft }: Speed): string {
  const left = secondsLeft === undefined ? '–' : formatDuration(secondsLeft);
  return `${formatRate(imagesPerSecond)} images/s · ${formatBytes(bytesPerSecond)}/s · ${left} left`;
}

/** A plain line of progress, for logs. */
export function progressLine(progress: Progress, speed: Speed): string {
  const failed = progress.failed > 0 ? ` · ${formatCount(progress.failed)} failed` : '';
  return `${rowsText(progress)}${failed} · ${speedText(speed)}`;
}
