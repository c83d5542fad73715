import { stripVTControlCharacters } from 'node:util';

const INTEGER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `1,234`; no number is shown as nothing but a number. */
export function formatCount(value: number): string {
  return INTEGER.format(value);
}

/** `1 row`, `1,234 rows`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Decimal units: `512 B`, `4.6 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'];
  if (bytes < 1000) return `${formatCount(bytes)} B`;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${TENTHS.format(value)} ${units[unit]}`;
}

/** A rate: tenths below 100, whole above. */
export function formatRate(perSecond: number): string {
  return perSecond < 99.95 ? TENTHS.format(perSecond) : INTEGER.format(perSecond);
}

/** `0.8 s`, `12 s`, `3 min 20 s`, `2 h 05 min`, `3 d 04 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${TENTHS.format(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pair = (value: number, big: string, size: number, small: string): string =>
    `${Math.floor(value / size)} ${big} ${String(value % size).padStart(2, '0')} ${small}`;
  if (whole < 3600) return pair(whole, 'min', 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(minutes, 'h', 60, 'min');
  return pair(Math.round(seconds / 3600), 'd', 24, 'h');
}

/** A share of a whole in percent. 100 % only when all is done, 0 % only when nothing is. */
export function formatPercent(part: number, whole: number): string {
  if (whole <= 0 || part >= whole) return '100 %';
  if (part <= 0) return '0 %';
  return `${Math.min(99, Math.max(1, Math.round((part / whole) * 100)))} %`;
}

/** `2 corrupt_image, 1 null_image`: the most frequent first. */
export function formatReasons(reasons: Readonly<Record<string, number>>): string {
  return Object.entries(reasons)
    .filter(([, count]) => count > 0)
    .sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
    .map(([reason, count]) => `${formatCount(count)} ${printable(reason)}`)
    .join(', ');
}

/** Text of a data set on one line, without what a terminal would take as a command. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim();
}

/** Rows of cells as lines, columns aligned to the left, two blanks between them. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
