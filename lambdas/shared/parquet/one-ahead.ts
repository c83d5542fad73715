/**
 * Computes the next value while the consumer works with the last one. An error of the value ahead is thrown when that
 * value is asked for, and never goes unhandled.
 * @param stop called when the consumer leaves early, so that work ahead ends soon.
 */
export async function* oneAhead<T>(values: AsyncGenerator<T>, stop: () => void): AsyncGenerator<T> {
  const next = (): Promise<IteratorResult<T>> => {
    const result = values.next();
    result.catch(() => undefined); // it is awaited later, or not at all
    return result;
  };
  let ahead: Promise<IteratorResult<T>> | undefined;
  let ended = false;
  try {
    for (;;) {
      const result = await (ahead ?? next());
      if (result.done) break;
      ahead = next();
      yield result.value;
    }
    ended = true;
  } finally {
    if (!ended) {
      stop();
      await values.return(undefined).catch(() => undefined);
    }
  }
}
