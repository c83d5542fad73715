import { setMaxListeners } from 'node:events';

/** A controller that is also aborted when another signal is. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Lets go of the other signal. (`AbortSignal.any` would be kept by a long-lived one.) */
  unlink(): void;
}

export function linkAbort(outer: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // one for each branch, item or task below
  const follow = () => controller.abort(outer.reason);
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => outer.removeEventListener('abort', follow),
  };
}
