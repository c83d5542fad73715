import { z } from 'zod';
import type { ErrorName } from '../errors.ts';
import type { FailureReason } from './row-failure.ts';

/** What a Catch of the state machine handed on. */
export interface CaughtError {
  readonly name: string;
  readonly message: string;
}

const LambdaCause = z.object({ errorMessage: z.string() });
/** Causes may hold whole stack traces; a failure line is for a person. */
const MAX_MESSAGE = 500;

/** Reads `{Error, Cause}`; the cause of a Lambda's error is JSON with `errorMessage`. */
export function readCaughtError(caught: { Error?: string; Cause?: string } | undefined): CaughtError {
  const name = caught?.Error ?? 'States.Unknown';
  const cause = caught?.Cause ?? '';
  let message = cause;
  try {
    message = LambdaCause.parse(JSON.parse(cause)).errorMessage;
  } catch {
    // a cause that is not Lambda's is a text as it is
  }
  return { name, message: (message || 'no cause was given').slice(0, MAX_MESSAGE) };
}

const NAMED: readonly string[] = [
  'ThrottledError',
  'TransientError',
  'BadInputError',
  'ConfigError',
] satisfies ErrorName[];

/** How a worker died, or `undefined` when it named what went wrong, or was never run. */
export function crashReason({ name, message }: CaughtError): FailureReason | undefined {
  if (NAMED.includes(name)) return undefined;
  if (name === 'Sandbox.Timedout' || name === 'States.Timeout' || /timed out after/i.test(message)) return 'timeout';
  if (name === 'Runtime.OutOfMemory' || /out of memory|heap limit|signal: killed/i.test(message))
    return 'out_of_memory';
  if (name.startsWith('Lambda.') && name !== 'Lambda.Unknown') return undefined; // the service's own failures
  return 'crash';
}
