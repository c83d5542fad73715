/** Exit code of a program that Ctrl-C has ended. */
export const INTERRUPTED = 130;

/** Ctrl-C ended what a command was doing. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** The job that goes on, if one was started. */
  readonly jobId: string | undefined;

  constructor(jobId?: string) {
    super('interrupted');
    this.jobId = jobId;
  }
}

/** Runs `work` with a signal that Ctrl-C aborts; a second Ctrl-C ends the program at once. */
export async function withInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once('SIGINT', interrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}
