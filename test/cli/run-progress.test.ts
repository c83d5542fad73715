import { describe, expect, it } from 'vitest';
import { RunProgress } from '../../cli/run-progress.ts';
import type { RangeRecord } from '../../lambdas/shared/jobs/range-ledger.ts';
import { pieceResultKey, planKey, resultKey } from '../../lambdas/shared/storage/run-keys.ts';

const JOB = '6f1d0c4e-7a64-4f2a-8a0f-0a8d4cf1f0aa';

/** A bucket that remembers which objects were read. */
class Bucket {
  readonly objects = new Map<string, string>();
  read: string[] = [];

  put(key: string, value: unknown): void {
    this.objects.set(key, JSON.stringify(value));
  }

  async *list(prefix: string) {
    for (const [key, text] of this.objects) if (key.startsWith(prefix)) yield { key, etag: text };
  }

  async getText(key: string): Promise<string | undefined> {
    this.read.push(key);
    return this.objects.get(key);
  }
}

function record(first: number, last: number, counts: Partial<RangeRecord>): RangeRecord {
  return {
    first_row: first,
    last_row: last,
    next_row: first,
    processed: 0,
    skipped: {},
    failures: [],
    stored_bytes: 0,
    fetched_bytes: 0,
    hub_requests: 0,
    ...counts,
  };
}

describe('RunProgress', () => {
  it('knows nothing before the job is planned, and counts each kind of row then', async () => {
    const bucket = new Bucket();
    const progress = new RunProgress(JOB, bucket);
    expect(await progress.read()).toBeUndefined();

    bucket.put(planKey(JOB), { total_rows: 30 });
    expect(await progress.read()).toEqual({ totalRows: 30, processed: 0, skipped: 0, failed: 0, storedBytes: 0 });

    const failure = { index: 8, reason: 'null_image', message: 'the image is null', image: null } as const;
    bucket.put(
      resultKey(JOB, 0),
      record(0, 9, { processed: 4, skipped: { exists: 3, reviewed: 1 }, failures: [failure], stored_bytes: 40 }),
    );
    bucket.put(resultKey(JOB, 1), record(10, 19, { processed: 1, stored_bytes: 10 }));
    bucket.put(pieceResultKey(JOB, 1, { first: 10, last: 13 }), record(10, 13, { processed: 3, stored_bytes: 30 }));
    bucket.put(resultKey('another-job', 0), record(0, 9, { processed: 10 }));
    expect(await progress.read()).toEqual({ totalRows: 30, processed: 7, skipped: 4, failed: 1, storedBytes: 70 });
  });

  it('reads only the records that have changed', async () => {
    const bucket = new Bucket();
    bucket.put(planKey(JOB), { total_rows: 1000 });
    for (let range = 0; range < 50; range++)
      bucket.put(resultKey(JOB, range), record(range * 20, range * 20 + 19, { processed: 1 }));
    const progress = new RunProgress(JOB, bucket);
    await progress.read();

    bucket.read = [];
    bucket.put(resultKey(JOB, 7), record(140, 159, { processed: 5 }));
    expect((await progress.read())?.processed).toBe(54);
    expect(bucket.read).toEqual([resultKey(JOB, 7)]);
  });
});
