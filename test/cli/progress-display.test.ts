import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createProgressDisplay } from '../../cli/progress-display.ts';

const progress = (processed: number, failed = 0) => ({
  totalRows: 1000,
  processed,
  skipped: 0,
  failed,
  storedBytes: processed * 100_000,
});

it('writes a line every few seconds and one at the end when there is no terminal', () => {
  const stream = new PassThrough();
  let now = 0;
  const display = createProgressDisplay({ stream, now: () => now, lineEveryMs: 5000 });
  display.show(undefined);
  for (; now <= 11_000; now += 500) display.show(now < 3000 ? undefined : progress((now - 3000) / 20));
  display.show(progress(998, 2));
  display.stop();
  display.stop();
  expect(String(stream.read()).split('\n')).toEqual([
    'Reading what the dataset holds…',
    '0 of 1,000 rows (0 %)',
    '250 of 1,000 rows (25 %) · 50.0 images/s · 5.0 MB/s · 15 s left',
    '1,000 of 1,000 rows (100 %) · 2 failed · 117 images/s · 11.7 MB/s',
    '',
  ]);
});

it('says nothing of a job that ends before it is planned', () => {
  const stream = new PassThrough();
  const display = createProgressDisplay({ stream, now: () => 0 });
  display.show(undefined);
  display.stop();
  expect(stream.read()).toBeNull();
});
