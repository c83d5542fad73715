import { linkAbort } from './link-abort.ts';

/**
 * Does `work` for each item, at most `limit()` at a time. The first that fails ends the others.
 * @throws what the first one threw, or the outer signal's reason; in any case after all have ended.
 */
export async function runPool<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: () => number,
  outer: AbortSignal,
  work: (item: T, index: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const own = linkAbort(outer);
  const { signal } = own;
  let active = 0;
  let wake = () => {};
  const change = () => new Promise<void>((resolve) => (wake = resolve));
  const start = async (item: T, index: number) => {
    active += 1;
    try {
      await work(item, index, signal);
    } catch (error) {
      own.abort(error);
    }
    active -= 1;
    wake();
  };
  let index = 0;
  try {
    for await (const item of items) {
      while (active >= limit() && !signal.aborted) await change();
      if (signal.aborted) break;
      void start(item, index++);
    }
  } catch (error) {
    own.abort(error);
  }
  while (active > 0) await change();
  own.unlink();
  signal.throwIfAborted();
}
