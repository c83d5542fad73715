import { describe, expect, it } from 'vitest';
import type { Tally } from '../../cli/fold-records.ts';
import { SpeedMeter } from '../../cli/speed-meter.ts';

const tally = (processed: number, skipped = 0): Tally => ({
  processed,
  skipped,
  failed: 0,
  storedBytes: processed * 1000,
});

describe('SpeedMeter', () => {
  it.each([
    { name: 'nothing is known', samples: [], expected: undefined },
    { name: 'one moment is known', samples: [[0, tally(5)]] as const, expected: undefined },
    {
      name: 'images come in',
      samples: [
        [0, tally(0)],
        [2000, tally(20)],
      ] as const,
      expected: { imagesPerSecond: 10, bytesPerSecond: 10_000, secondsLeft: 8 },
    },
    {
      name: 'rows are skipped: they bring the end nearer, and are no images',
      samples: [
        [0, tally(0)],
        [1000, tally(0, 50)],
      ] as const,
      expected: { imagesPerSecond: 0, bytesPerSecond: 0, secondsLeft: 1 },
    },
    {
      name: 'nothing moves',
      samples: [
        [0, tally(7)],
        [3000, tally(7)],
      ] as const,
      expected: { imagesPerSecond: 0, bytesPerSecond: 0, secondsLeft: undefined },
    },
    {
      name: 'all is done',
      samples: [
        [0, tally(0)],
        [1000, tally(100)],
      ] as const,
      expected: { imagesPerSecond: 100, bytesPerSecond: 100_000, secondsLeft: 0 },
    },
    {
      name: 'the start was slow: only the window counts',
      samples: [
        [0, tally(0)],
        [60_000, tally(1)],
        [62_000, tally(11)],
        [72_000, tally(61)],
      ] as const,
      expected: { imagesPerSecond: 5, bytesPerSecond: 5000, secondsLeft: 7.8 },
    },
  ])('$name', ({ samples, expected }) => {
    const meter = new SpeedMeter(10_000);
    for (const [atMs, done] of samples) meter.add(atMs, done);
    expect(meter.speed(100)).toEqual(expected);
  });
});
