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

/**
 * Runs `work` with a signal that Ctrl-C aborts; a second Ctrl-C ends the program at once.
 * @throws {Interrupted} whatever `work` made of it: Ctrl-C reaches the processes that it has started, too
 */
export async function withInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once('SIGINT', interrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted && !(error instanceof Interrupted) ? new Interrupted() : error;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

/** What comes first: the end of `work`, or Ctrl-C. @throws {Interrupted} after Ctrl-C; `work` is left to itself */
export function unlessInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Interrupted()), { once: true });
  });
  return Promise.race([work, interrupted]);
}
