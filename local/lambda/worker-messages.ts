/** What the host sends to a worker: one invocation. */
export interface WorkerRequest {
  readonly requestId: string;
  readonly payload: unknown;
  readonly arn: string;
  readonly memoryMb: number;
  /** Epoch milliseconds at which the invocation is killed. */
  readonly deadline: number;
}

/** What a worker answers; the error in the form in which Lambda's Node runtime reports it. */
export type WorkerReply =
  | { readonly result: unknown }
  | { readonly error: { readonly errorType: string; readonly errorMessage: string; readonly trace: readonly string[] } }
  | Record<string, never>;
