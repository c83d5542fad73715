/** Whether Retry and Catch see a failure: by any matching name, by its very name (not through `States.ALL`), or never. */
export type Catchable = 'always' | 'by-name' | 'never';

/** A failure that has a name in the States language; it fails the state, and then the execution unless it is caught. */
export class StatesFailure extends Error {
  override readonly name = 'StatesFailure';
  readonly error: string | undefined;
  override readonly cause: string | undefined;
  readonly catchable: Catchable;

  constructor(error: string | undefined, cause: string | undefined, catchable: Catchable = 'always') {
    super(`${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
    this.catchable = catchable;
  }
}

/** A path or a value that the definition counts on is not there: `States.Runtime`, once the state's name is known. */
export class RuntimeFailure extends Error {
  override readonly name = 'RuntimeFailure';
}

/** An intrinsic function refuses its arguments: `States.IntrinsicFailure`, once the state's name is known. */
export class IntrinsicFailure extends Error {
  override readonly name = 'IntrinsicFailure';
}

/** The reason of an abort signal: the execution is stopped from outside, or its own time-out has passed. */
export class ExecutionStopped extends Error {
  override readonly name = 'ExecutionStopped';
  readonly status: 'ABORTED' | 'TIMED_OUT';
  readonly error: string | undefined;
  override readonly cause: string | undefined;

  constructor(status: 'ABORTED' | 'TIMED_OUT', error?: string, cause?: string) {
    super(`${status}: ${error}: ${cause}`);
    this.status = status;
    this.error = error;
    this.cause = cause;
  }
}

/** What is wrong with a definition, or what it uses that the engine does not do; the message holds the state's path. */
export class InvalidDefinition extends Error {
  override readonly name = 'InvalidDefinition';
}

/** A result, or a state's output, is larger than the service takes. */
export function tooLarge(what: string, catchable: Catchable): StatesFailure {
  const cause = `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  return new StatesFailure('States.DataLimitExceeded', cause, catchable);
}
