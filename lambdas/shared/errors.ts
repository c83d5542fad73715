/**
 * One class per retry policy: Step Functions compares the literal `name` of an error and knows no subclasses.
 * Adapters turn SDK and HTTP failures into these and keep the original as `cause`.
 */
export type ErrorName =
  | 'ThrottledError'
  | 'TransientError'
  | 'GpuTimeoutError'
  | 'GpuJobFailedError'
  | 'BadInputError'
  | 'ConfigError';

/** A server asked for fewer requests (429): retry slowly. */
export class ThrottledError extends Error {
  override readonly name = 'ThrottledError' satisfies ErrorName;
  /** Seconds after which the server accepts requests again; `undefined` when it did not say. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options: ErrorOptions & { retryAfterSeconds?: number } = {}) {
    super(message, options);
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The network, a 5xx or a time-out, after the adapter's own tries: retry with backoff. */
export class TransientError extends Error {
  override readonly name = 'TransientError' satisfies ErrorName;
}

/** The request or the data is wrong; asking again cannot help. */
export class BadInputError extends Error {
  override readonly name = 'BadInputError' satisfies ErrorName;
}

/** The deployment is wrong (a missing secret, a refused key); checked in a job's first step. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError' satisfies ErrorName;
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
