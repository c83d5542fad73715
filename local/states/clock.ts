import { setTimeout as delay } from 'node:timers/promises';

/**
 * Time as a definition sees it: Wait states and the pauses of Retry go through `sleep`, so that tests record them and
 * the stack can shorten them. The time-outs of tasks are real time, because the work that they bound is real.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** @throws the signal's reason when it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** `scale` is what a waited second takes in seconds. @default 1 */
export function systemClock(scale = 1): Clock {
  return {
    now: () => Date.now(),
    async sleep(ms, signal) {
      const end = Date.now() + ms * scale;
      for (let left = end - Date.now(); left > 0; left = end - Date.now()) {
        await delay(Math.min(left, 2 ** 31 - 1), undefined, { signal }).catch(() => {});
        signal.throwIfAborted();
      }
    },
  };
}
