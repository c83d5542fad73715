import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, isUnreachable } from './cli-error.ts';
import { isRunning, type Job } from './job.ts';
import { program } from './program-name.ts';
import type { Progress } from './run-progress.ts';

export interface FollowDeps {
  readonly describe: () => Promise<Job | undefined>;
  readonly readProgress: () => Promise<Progress | undefined>;
  /** `undefined` as long as the job is not planned. */
  readonly show: (progress: Progress | undefined) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. @default 500 */
  readonly everyMs?: number;
}

/** Looks in a row that may fail before the job is given up; each has been tried three times by the client. */
const FAILED_LOOKS = 5;
/** Of a job of very many ranges the records are read less often: reading takes a fifth of the time at most. */
const PAUSE_PER_READ = 4;

/**
 * Looks at a job until it has ended, showing how far it is.
 * @returns the job in its last state
 * @throws Error when the signal is aborted @throws {CliError} when the stack is gone
 */
export async function followJob(jobId: string, deps: FollowDeps): Promise<Job> {
  let failedLooks = 0;
  let nextReadAt = 0;
  for (;;) {
    try {
      const job = await deps.describe();
      if (!job) throw new CliError(`job ${jobId} is gone`, { hint: 'the data folder of the stack was emptied' });
      if (!isRunning(job)) return job;
      failedLooks = 0;
    } catch (error) {
      failedLooks += 1;
      if (deps.signal.aborted || error instanceof CliError) throw error;
      if (failedLooks >= FAILED_LOOKS) throw isUnreachable(error) ? gone(jobId, error) : error;
    }
    const readAt = Date.now();
    if (readAt >= nextReadAt) {
      try {
        deps.show(await deps.readProgress());
      } catch {
        // what was shown last stays; whether the job has ended is not decided here
      }
      nextReadAt = Date.now() + PAUSE_PER_READ * (Date.now() - readAt);
    }
    await sleep(deps.everyMs ?? 500, undefined, { signal: deps.signal });
  }
}

function gone(jobId: string, cause: unknown): CliError {
  return new CliError(`the stack ended while job ${jobId} ran`, {
    cause,
    hint: `start it again with \`${program} up\`, then import again: what is done is not done twice`,
  });
}
