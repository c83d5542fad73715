import { Presets, SingleBar } from 'cli-progress';
import { rowsDone } from './fold-records.ts';
import { progressLine } from './progress-text.ts';
import type { Progress } from './run-progress.ts';
import { SpeedMeter } from './speed-meter.ts';

/** Shows how far a job has come. */
export interface ProgressDisplay {
  /** @param progress `undefined` as long as the job is not planned */
  show(progress: Progress | undefined): void;
  /** Leaves the last state on the screen. */
  stop(): void;
}

export interface DisplayOptions {
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly now: () => number;
  /** Milliseconds between two plain lines. @default 5000 */
  readonly lineEveryMs?: number;
}

/** So long a job may plan before that is said. */
const PLANNING_MS = 2_000;

/** A bar on a terminal; elsewhere a line every few seconds and one at the end. */
export function createProgressDisplay(options: DisplayOptions): ProgressDisplay {
  const { stream, now } = options;
  const shown = stream.isTTY === true ? new Bar(stream) : new Lines(options);
  const meter = new SpeedMeter();
  const startedAt = now();
  let saysPlanning = false;
  return {
    show: (progress) => {
      if (progress) {
        meter.add(now(), progress);
        shown.show(progress, progressLine(progress, meter.speed(progress.totalRows)));
      } else if (!saysPlanning && now() - startedAt >= PLANNING_MS) {
        saysPlanning = true;
        stream.write('Reading what the dataset holds…\n');
      }
    },
    stop: () => shown.stop(),
  };
}

class Bar {
  readonly #bar: SingleBar;

  constructor(stream: NodeJS.WritableStream) {
    // who started the bar stops it, also after Ctrl-C
    const options = { stream, format: '{bar} {line}', barsize: 20, gracefulExit: false };
    this.#bar = new SingleBar(options, Presets.shades_classic);
  }

  show(progress: Progress, line: string): void {
    if (this.#bar.isActive) this.#bar.update(rowsDone(progress), { line });
    else this.#bar.start(progress.totalRows, rowsDone(progress), { line });
  }

  stop(): void {
    this.#bar.stop();
  }
}

class Lines {
  readonly #options: DisplayOptions;
  #latest: { readonly rows: number; readonly line: string } | undefined;
  #printedRows: number | undefined;
  #printedAt = Number.NEGATIVE_INFINITY;

  constructor(options: DisplayOptions) {
    this.#options = options;
  }

  show(progress: Progress, line: string): void {
    this.#latest = { rows: rowsDone(progress), line };
    if (this.#options.now() - this.#printedAt >= (this.#options.lineEveryMs ?? 5000)) this.#print(this.#latest);
  }

  stop(): void {
    if (this.#latest && this.#latest.rows !== this.#printedRows) this.#print(this.#latest);
  }

  #print({ rows, line }: { rows: number; line: string }): void {
    this.#options.stream.write(`${line}\n`);
    this.#printedRows = rows;
    this.#printedAt = this.#options.now();
  }
}
