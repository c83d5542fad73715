import { Duration } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { ErrorName } from '../lambdas/shared/errors.ts';

/** Lambda's own failures, which another try can pass. CDK's default list leaves out the throttle. */
export const LAMBDA_SERVICE_ERRORS = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
];

/** What our own code throws when it knows what went wrong. */
export const OUR_ERRORS: readonly string[] = [
  'ThrottledError',
  'TransientError',
  'BadInputError',
  'ConfigError',
] satisfies ErrorName[];

/** Errors that say what went wrong: no row is to blame, so a range is not taken apart because of them. */
export const NAMED_ERRORS: readonly string[] = [...OUR_ERRORS, ...LAMBDA_SERVICE_ERRORS];

/** The Retry list that every step of an import has. */
export function addImportRetries(task: sfn.TaskStateBase): void {
  task.addRetry({
    errors: ['ThrottledError' satisfies ErrorName],
    interval: Duration.seconds(30),
    maxDelay: Duration.minutes(10),
    maxAttempts: 8, // the Hub counts requests over windows of 5 minutes
    backoffRate: 2,
    jitterStrategy: sfn.JitterType.FULL,
  });
  task.addRetry({
    errors: ['TransientError' satisfies ErrorName],
    interval: Duration.seconds(5),
    maxAttempts: 3, // after the adapters' own tries: an outage of a minute is passed, a longer one is told
    backoffRate: 2,
  });
  task.addRetry({
    errors: LAMBDA_SERVICE_ERRORS,
    interval: Duration.seconds(2),
    maxDelay: Duration.minutes(1),
    maxAttempts: 6,
    backoffRate: 2,
    jitterStrategy: sfn.JitterType.FULL,
  });
}
