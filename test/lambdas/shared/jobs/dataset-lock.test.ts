import { beforeEach, expect, it } from 'vitest';
import { acquireLock, checkLock, releaseLock } from '../../../../lambdas/shared/jobs/dataset-lock.ts';
import type { RunBucket } from '../../../../lambdas/shared/storage/object-store.ts';

const datasetId = 'd1';
const arn = (job: string) => `arn:aws:states:us-east-1:000000000000:execution:ImportDataset:${job}`;
const claim = (job: string) => ({ datasetId, holder: arn(job) });
const of = (job: string) => ({ dataset_id: datasetId, job_id: job });

let objects: Map<string, { text: string; etag: string }>;
let runs: RunBucket;
let version = 0;

beforeEach(() => {
  objects = new Map();
  const write = (key: string, text: string): true => {
    version += 1;
    objects.set(key, { text, etag: String(version) });
    return true;
  };
  const bucket: Partial<RunBucket> = {
    getText: async (key) => objects.get(key)?.text,
    getWithEtag: async (key) => objects.get(key),
    putIfAbsent: async (key, text) => !objects.has(key) && write(key, text),
    putIfUnchanged: async (key, text, etag) => objects.get(key)?.etag === etag && write(key, text),
    delete: async (key) => void objects.delete(key),
  };
  runs = bucket as RunBucket;
});

it('refuses a second job by the name of the first, and lets the first take it again', async () => {
  await acquireLock(runs, claim('one'), async () => true);
  await acquireLock(runs, claim('one'), async () => true);
  await expect(acquireLock(runs, claim('two'), async () => true)).rejects.toThrow('job one');
  await releaseLock(runs, claim('two'));
  await checkLock(runs, of('one'));
  await releaseLock(runs, claim('one'));
  await acquireLock(runs, claim('two'), async () => true);
});

it('is taken over from a job that has ended, by one of several, and the old job is told', async () => {
  await acquireLock(runs, claim('old'), async () => true);
  const jobs = ['a', 'b', 'c'];
  const isRunning = async (holder: string) => holder !== arn('old');
  const taken = await Promise.allSettled(jobs.map((job) => acquireLock(runs, claim(job), isRunning)));
  expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const winner = jobs[taken.findIndex(({ status }) => status === 'fulfilled')] ?? '';
  await checkLock(runs, of(winner));
  await expect(checkLock(runs, of('old'))).rejects.toThrow('another has taken over');
  await releaseLock(runs, claim(winner));
  await expect(checkLock(runs, of('old'))).rejects.toThrow('another has taken over');
});
