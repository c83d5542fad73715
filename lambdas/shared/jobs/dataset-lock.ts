import { BadInputError, TransientError } from '../errors.ts';
import type { RunBucket } from '../storage/object-store.ts';
import { lockKey } from '../storage/run-keys.ts';

interface Claim {
  readonly datasetId: string;
  /** ARN of the execution that holds the lock, or wants it. */
  readonly holder: string;
}

const TAKEOVER_TRIES = 5;

/**
 * Takes the dataset's lock: an object in the run bucket with its holder's ARN, written only when it is free. A holder
 * whose execution has ended is taken over; the holder itself may take it again.
 * @throws {BadInputError} naming the job that holds it
 */
export async function acquireLock(
  runs: RunBucket,
  { datasetId, holder }: Claim,
  isRunning: (executionArn: string) => Promise<boolean>,
): Promise<void> {
  const key = lockKey(datasetId);
  for (let tries = 0; tries < TAKEOVER_TRIES; tries++) {
    if (await runs.putIfAbsent(key, holder)) return;
    const held = await runs.getWithEtag(key);
    if (!held) continue; // released in between
    if (held.text === holder) return;
    if (await isRunning(held.text)) {
      const job = held.text.split(':').at(-1);
      throw new BadInputError(`dataset ${datasetId} is being worked on by job ${job}; wait for its end, or stop it`);
    }
    if (await runs.putIfUnchanged(key, holder, held.etag)) return;
  }
  throw new TransientError(`the lock of dataset ${datasetId} changed hands ${TAKEOVER_TRIES} times`);
}

/** Gives the lock back, if this execution holds it. */
export async function releaseLock(runs: RunBucket, { datasetId, holder }: Claim): Promise<void> {
  const key = lockKey(datasetId);
  const held = await runs.getWithEtag(key);
  if (held?.text === holder) await runs.delete(key);
}

/**
 * A Lambda outlives its execution when that is stopped; it must not write what the next job has written.
 * @throws {BadInputError} when the job does not hold its dataset's lock any more
 */
export async function checkLock(runs: RunBucket, job: { dataset_id: string; job_id: string }): Promise<void> {
  const holder = await runs.getText(lockKey(job.dataset_id));
  if (holder?.endsWith(`:${job.job_id}`)) return;
  throw new BadInputError(`job ${job.job_id} was stopped, and another has taken over its dataset`);
}
