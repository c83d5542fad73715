import { rowsDone, type Tally } from './fold-records.ts';

export interface Speed {
  /** Images stored a second; rows that were skipped or failed do not count. */
  readonly imagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** `undefined` while nothing moves. */
  readonly secondsLeft: number | undefined;
}

interface Sample {
  readonly atMs: number;
  readonly tally: Tally;
}

/** Records come every two seconds, and in bursts when several ranges run: the window has to span some of them. */
const WINDOW_MS = 12_000;

/** Speed over the last seconds, so that a pause at the start or a slow range does not colour the rest of the job. */
export class SpeedMeter {
  readonly #windowMs: number;
  readonly #samples: Sample[] = [];

  /** @param windowMs how far it looks back */
  constructor(windowMs: number = WINDOW_MS) {
    this.#windowMs = windowMs;
  }

  /** Takes what is done at a moment; moments come in order. */
  add(atMs: number, tally: Tally): void {
    this.#samples.push({ atMs, tally });
    // the oldest sample lies at the window's edge or just before it
    while ((this.#samples[1]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs - this.#windowMs) this.#samples.shift();
  }

  /** `undefined` before there are two moments. @param totalRows of the whole job */
  speed(totalRows: number): Speed | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.atMs <= first.atMs) return undefined;
    const seconds = (last.atMs - first.atMs) / 1000;
    const rowsPerSecond = (rowsDone(last.tally) - rowsDone(first.tally)) / seconds;
    const rowsLeft = Math.max(0, totalRows - rowsDone(last.tally));
    return {
      imagesPerSecond: Math.max(0, last.tally.processed - first.tally.processed) / seconds,
      bytesPerSecond: Math.max(0, last.tally.storedBytes - first.tally.storedBytes) / seconds,
      secondsLeft: rowsPerSecond > 0 ? rowsLeft / rowsPerSecond : undefined,
    };
  }
}
