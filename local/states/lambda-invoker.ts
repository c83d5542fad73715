/** Runs a Lambda function; what hosts the functions lives elsewhere. */
export interface LambdaInvoker {
  /**
   * @returns the function's result, as JSON.
   * @throws {LambdaFailure} with the error's name and cause as Step Functions reports them.
   */
  invoke(functionArn: string, payload: unknown, signal: AbortSignal): Promise<unknown>;
}

/** A function failed, or could not be run. */
export class LambdaFailure extends Error {
  override readonly name = 'LambdaFailure';
  /** As Retry and Catch name it: `ThrottledError`, `Lambda.Unknown`, `Sandbox.Timedout`. */
  readonly error: string;
  /** For an error that the function threw: `{"errorType", "errorMessage", "trace"}` as JSON. */
  override readonly cause: string;

  constructor(error: string, cause: string) {
    super(`${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
  }
}
