import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Log } from '../log.ts';
import { isDamaged, isSdkError, mayPass } from './storage-error.ts';

export interface CreateS3ClientOptions
  extends Pick<S3ClientConfig, 'region' | 'credentials' | 'requestChecksumCalculation' | 'responseChecksumValidation'> {
  /** Anything but AWS itself: R2, the embedded stack. Buckets are then part of the path. */
  readonly endpoint?: string;
  /** Requests under way at once. */
  readonly maxSockets: number;
  /** Tries of one request in all. @default 6 */
  readonly maxAttempts?: number;
  readonly log: Log;
}

/** R2 asks for patience at times (503, 429), and the SDK's own three tries are over in half a second. */
const DEFAULT_ATTEMPTS = 6;
const CONNECT_TIMEOUT_MS = 5_000;
/** No byte in either direction for so long. */
const IDLE_TIMEOUT_MS = 30_000;
/** From the request's first byte to the answer's head. */
const REQUEST_TIMEOUT_MS = 120_000;

/** An S3 client with time-outs, that tries again what may pass, damaged bodies too, and logs each failed try. */
export function createS3Client(options: CreateS3ClientOptions): S3Client {
  const { endpoint, maxSockets, maxAttempts = DEFAULT_ATTEMPTS, log, ...config } = options;
  const agent = { keepAlive: true, maxSockets };
  const client = new S3Client({
    ...config,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: IDLE_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    }),
  });
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (isSdkError(error) && isDamaged(error)) error.$retryable ??= {};
        if (mayPass(error)) log.warn('bucket request failed', describe(error, args.input, context.commandName));
        throw error;
      }
    },
    { name: 'watchTries', step: 'finalizeRequest', priority: 'low' }, // inside the SDK's own retries,
  );
  return client;
}

function describe(error: unknown, input: unknown, command: unknown): Record<string, unknown> {
  const { Bucket: bucket, Key: key } = input as { Bucket?: string; Key?: string };
  if (!isSdkError(error)) return { command, bucket, key };
  return { command, bucket, key, error: error.name, status: error.$metadata?.httpStatusCode, reason: error.message };
}
