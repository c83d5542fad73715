import { Presets, SingleBar } from 'cli-progress';
import { rowsDone } from './fold-records.ts';
import { progressLine, rowsText, speedText } from './progress-text.ts';
import type { Progress } from './run-progress.ts';
import { SpeedMeter } from './speed-meter.ts';

/** Shows how far a job has come. */
export interface ProgressDisplay {
  show(progress: Progress): void;
  /** Leaves the last state on the screen. */
  stop(): void;
}

export interface DisplayOptions {
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly now: () => number;
  /** Milliseconds between two plain lines. @default 5000 */
  readonly lineEveryMs?: number;
}

/** A bar on a terminal; elsewhere a line every few seconds and one at the end. */
export function createProgressDisplay(options: DisplayOptions): ProgressDisplay {
  return options.stream.isTTY === true ? new Bar(options) : new Lines(options);
}

class Bar implements ProgressDisplay {
  readonly #bar: SingleBar;
  readonly #now: () => number;
  readonly #meter = new SpeedMeter();

  constructor({ stream, now }: DisplayOptions) {
    this.#now = now;
    this.#bar = new SingleBar(
      {
        stream,
        format: '{bar} {rows} · {speed}',
        barsize: 20,
        linewrap: null, // cuts at the terminal's edge, and leaves its settings as they are
        gracefulExit: false, // who started it stops it
      },
      Presets.shades_classic,
    );
  }

  show(progress: Progress): void {
    this.#meter.add(this.#now(), progress);
    const payload = { rows: rowsText(progress), speed: speedText(this.#meter.speed(progress.totalRows)) };
    if (this.#bar.isActive) this.#bar.update(rowsDone(progress), payload);
    else this.#bar.start(progress.totalRows, rowsDone(progress), payload);
  }

  stop(): void {
    this.#bar.stop();
  }
}

class Lines implements ProgressDisplay {
  readonly #options: DisplayOptions;
  readonly #meter = new SpeedMeter();
  #printedAt = Number.NEGATIVE_INFINITY;
  #pending: string | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
  }

  show(progress: Progress): void {
    const now = this.#options.now();
    this.#meter.add(now, progress);
    this.#pending = progressLine(progress, this.#meter.speed(progress.totalRows));
    if (now - this.#printedAt < (this.#options.lineEveryMs ?? 5000)) return;
    this.#printedAt = now;
    this.#print();
  }

  stop(): void {
    this.#print();
  }

  #print(): void {
    if (this.#pending !== undefined) this.#options.stream.write(`${this.#pending}\n`);
    this.#pending = undefined;
  }
}
