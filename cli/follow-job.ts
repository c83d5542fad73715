import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, isUnreachable } from './cli-error.ts';
import { isRunning, type Job } from './job.ts';
import { program } from './program-name.ts';
import type { Progress } from './run-progress.ts';

export interface FollowDeps {
  readonly describe: () => Promise<Job | undefined>;
  readonly readProgress: () => Promise<Progress | undefined>;
  readonly show: (progress: Progress) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. @default 500 */
  readonly everyMs?: number;
}

/** Looks in a row that may fail before the job is given up; each has been tried three times by the client. */
const FAILED_LOOKS = 5;

/**
 * Looks at a job until it has ended, showing how far it is.
 * @returns the job in its last state
 * @throws the signal's reason when it is aborted @throws {CliError} when the stack is gone
 */
export async function followJob(jobId: string, deps: FollowDeps): Promise<Job> {
  let failures = 0;
  for (;;) {
    const lookedAt = Date.now();
    try {
      const job = await deps.describe();
      if (!job) throw new CliError(`job ${jobId} is gone`, { hint: 'the data folder of the stack was emptied' });
      if (!isRunning(job)) return job;
      failures = 0;
      // a look at the records that fails leaves the last one on the screen
      const progress = await deps.readProgress().catch(() => undefined);
      deps.signal.throwIfAborted();
      if (progress) deps.show(progress);
    } catch (error) {
      deps.signal.throwIfAborted();
      failures += 1;
      if (error instanceof CliError) throw error;
      if (isUnreachable(error)) throw gone(jobId, error);
      if (failures >= FAILED_LOOKS) throw error;
    }
    // a job of very many ranges takes longer to look at, and is looked at less often
    await sleep(Math.max(deps.everyMs ?? 500, 4 * (Date.now() - lookedAt)), undefined, { signal: deps.signal });
  }
}

function gone(jobId: string, cause: unknown): CliError {
  return new CliError(`the stack ended while job ${jobId} ran`, {
    cause,
    hint: `start it again with \`${program} up\`, then import again: what is done is not done twice`,
  });
}
