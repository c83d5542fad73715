import type { Run } from '../contenders/contender.ts';

export interface MeasuredRun extends Run {
  readonly contender: string;
  readonly round: number;
  /** CPU seconds of the bucket's server. */
  readonly bucketSeconds: number;
  /** CPU seconds of all else on the machine but client and servers. */
  readonly otherSeconds: number;
}

const COLUMNS = [
  'images/s',
  'MB/s',
  'CPU s/1000',
  'peak MB',
  'of floor',
  'bucket',
  'other',
  'requests',
  'fetched/used',
];

/** A table of medians over the rounds; ratios are taken within a round, against the first contender. */
export function reportText(title: string, runs: readonly MeasuredRun[]): string {
  const names = [...new Set(runs.map(({ contender }) => contender))];
  const [floor = ''] = names;
  const speedOf = new Map(runs.filter(({ contender }) => contender === floor).map((run) => [run.round, speed(run)]));
  const lines = names.map((name) => {
    const own = runs.filter(({ contender }) => contender === name);
    const middle = (of: (run: MeasuredRun) => number): number => median(own.map(of));
    const perThousand = (seconds: number, { images }: Run): number => (seconds / images) * 1000;
    const cells = [
      middle(speed).toFixed(0),
      middle(({ bytes, seconds }) => bytes / seconds / 1e6).toFixed(0),
      middle((run) => perThousand(run.cpuSeconds, run)).toFixed(3),
      Math.max(...own.map(({ peakMb }) => peakMb)).toFixed(0),
      `${(100 * middle((run) => speed(run) / (speedOf.get(run.round) ?? Number.NaN))).toFixed(0)} %`,
      middle((run) => perThousand(run.bucketSeconds, run)).toFixed(2),
      middle(({ otherSeconds, seconds }) => otherSeconds / seconds).toFixed(2),
      own[0]?.fetched ? middle(({ fetched }) => fetched?.requests ?? 0).toFixed(0) : '',
      own[0]?.fetched
        ? middle(({ fetched }) => (fetched ? fetched.bytes / fetched.usedBytes : Number.NaN)).toFixed(3)
        : '',
    ];
    return row(name, cells);
  });
  return [title, row('', COLUMNS), ...lines, ''].join('\n');
}

/** Of images a second; median over the rounds of the ratio of two contenders. */
export function ratio(runs: readonly MeasuredRun[], name: string, other: string, of: (run: Run) => number): number {
  const others = new Map(runs.filter(({ contender }) => contender === other).map((run) => [run.round, of(run)]));
  return median(
    runs.filter(({ contender }) => contender === name).map((run) => of(run) / (others.get(run.round) ?? Number.NaN)),
  );
}

export function speed({ images, seconds }: Run): number {
  return images / seconds;
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(16) + cells.map((cell) => cell.padStart(13)).join('');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
