import { describe, expect, it } from 'vitest';
import type { Job, JobOutput } from '../../cli/job.ts';
import { resultText, whereToLook } from '../../cli/result-text.ts';
import type { RowFailure } from '../../lambdas/shared/jobs/row-failure.ts';

const SUMMARY: JobOutput = {
  status: 'succeeded',
  job_id: 'job-1',
  dataset_id: 'dataset-1',
  repo: 'modomo/sample-rooms',
  revision: '3723f243f9f0ae4c54432fed0c1f0818d63e9a08',
  config: 'default',
  split: 'train',
  total_rows: 1200,
  processed_scenes: 1000,
  skipped_scenes: 0,
  failed_scenes: 0,
  skipped: {},
  failures: {},
  failures_key: 'runs/job-1/failures.jsonl',
  stored_bytes: 50_000_000,
};

function job(output: Partial<JobOutput>, status: Job['status'] = 'succeeded'): Job {
  return {
    id: 'job-1',
    status,
    startedAt: new Date('2026-11-21T10:00:00Z'),
    finishedAt: new Date('2026-11-21T10:00:20Z'),
    url: 'https://huggingface.co/datasets/modomo/sample-rooms',
    output: { ...SUMMARY, ...output },
  };
}

const failure = (index: number, image: string | null = null): RowFailure => ({
  index,
  reason: 'corrupt_image',
  message: 'the JPEG header is corrupt',
  image,
});

describe('resultText', () => {
  it('says what was imported, and how fast', () => {
    expect(resultText(job({ total_rows: 1000 }), [])).toBe(
      [
        '✔ Imported modomo/sample-rooms (default, train) at 3723f24',
        '  1,000 rows: 1,000 imported, 0 skipped, 0 failed',
        '  20 s · 50.0 images/s · 2.5 MB/s · 50.0 MB stored',
      ].join('\n'),
    );
  });

  it('says why rows were skipped, and no speed when no image was stored', () => {
    const text = resultText(job({ total_rows: 5, processed_scenes: 0, skipped_scenes: 5, skipped: { exists: 5 } }), []);
    expect(text).toContain('  5 rows: 0 imported, 5 skipped (there already), 0 failed\n  20 s');
    expect(text).not.toContain('images/s');
    const both = job({ skipped_scenes: 5, skipped: { exists: 3, reviewed: 2 } });
    expect(resultText(both, [])).toContain('5 skipped (3 there already, 2 reviewed by a person)');
  });

  it('lists the first failures, and where the others are', () => {
    const failures = Array.from({ length: 11 }, (_, index) => failure(index * 7, index === 0 ? 'a.jpg' : null));
    const text = resultText(job({ failed_scenes: 200, failures: { corrupt_image: 199, null_image: 1 } }), failures);
    expect(text).toContain('200 rows failed: 199 corrupt_image, 1 null_image\n  row 0   corrupt_image  the JPEG');
    expect(text).toContain('the JPEG header is corrupt (a.jpg)\n  row 7 ');
    expect(text.match(/^ {2}row /gm)).toHaveLength(10);
    expect(text).toMatch(/\n {2}… all of them are in runs\/job-1\/failures\.jsonl$/);
  });

  it('never hands a command of the data to the terminal, and cuts what is long', () => {
    const bad = { ...failure(1, 'x\u001b[2J\nrow 2'), message: 'm'.repeat(500) };
    const text = resultText(job({ failed_scenes: 1 }), [bad]);
    expect(text).toContain(`${'m'.repeat(160)}… (x row 2)`);
    expect(text).not.toContain('\u001b');
  });

  it.each([
    ['failed', 'failed'],
    ['aborted', 'was stopped'],
    ['timed_out', 'timed out'],
  ] as const)('says that a job %s, with the error', (status, words) => {
    const output = {
      status: 'failed',
      job_id: 'job-1',
      error: { name: 'BadInputError', message: 'no such split' },
    } as const;
    expect(resultText({ ...job({}, status), output }, [])).toBe(
      `✘ The import of https://huggingface.co/datasets/modomo/sample-rooms ${words}\n  BadInputError: no such split`,
    );
  });

  it('names the files whose rows are not known', () => {
    const text = resultText(job({ unreadable_files: [{ path: 'data/1.parquet', message: 'no footer' }] }), []);
    expect(text).toContain('Files that could not be read, whose rows are not counted:\n  data/1.parquet  no footer');
  });
});

describe('whereToLook', () => {
  const places = { dataDir: 'my data', bucket: 'images', runBucket: 'runs' };

  it('names images and scenes only when there are any', () => {
    const text = whereToLook(job({}), { ...places, statusCommand: 'modomo status job-1' });
    expect(text).toContain('  job      modomo status job-1\n  images   my data/buckets/images/scenes/');
    expect(text).toContain('where dataset_id = dataset-1');
    expect(whereToLook(job({ total_rows: 0 }), places)).toBe(
      'Where to look\n  records  my data/buckets/runs/runs/job-1',
    );
  });
});
