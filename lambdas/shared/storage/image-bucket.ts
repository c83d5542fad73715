import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { messageOf, ThrottledError, TransientError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createLeanPut } from './lean-put.ts';
import type { ImageBucket } from './object-store.ts';
import { createS3Client } from './s3-client.ts';
import { isSdkError, statusOf, toStorageError } from './storage-error.ts';

export interface ImageBucketOptions {
  /** `https://{account}.r2.cloudflarestorage.com` */
  readonly endpoint: string;
  /** @default auto, R2's only one */
  readonly region?: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Uploads at once. */
  readonly maxSockets: number;
  /** Tries of one request in all. @default 6 */
  readonly maxAttempts?: number;
  /** How long an upload waits for its answer, besides the time that its body takes, in ms. @default 30,000 */
  readonly answerTimeoutMs?: number;
  readonly log: Log;
}

/** R2 asks for patience at times (503, 429). */
const DEFAULT_ATTEMPTS = 6;
/** First pause before another try, and before one that the server wants rarer; they double, to a limit. */
const PAUSE_MS = 100;
const THROTTLED_PAUSE_MS = 500;
const MAX_PAUSE_MS = 20_000;
/** A pause that the server asks for is waited for up to this; a longer one is the caller's. */
const MAX_ASKED_SECONDS = 60;

/**
 * The bucket of the images. Uploads are the import's hot path, and go by a client of their own; all else by the SDK. The
 * hash of the body, which the scene keeps anyway, is what the upload is signed with, so that damage is refused. A
 * PUT whose answer was lost is sent again: same key, same bytes.
 */
export function createImageBucket(options: ImageBucketOptions): ImageBucket {
  const { region = 'auto', bucket, endpoint, maxSockets, maxAttempts = DEFAULT_ATTEMPTS, log } = options;
  const leanPut = createLeanPut({ ...options, region, connections: maxSockets });
  const client = createS3Client({ endpoint, region, credentials: options, maxSockets, maxAttempts, log });

  return {
    async put({ key, body, contentType, sha256 }) {
      const headers = { 'content-type': contentType, 'x-amz-meta-sha256': sha256 };
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await leanPut({ key, body, headers, sha256 });
        } catch (error) {
          const failure = toStorageError(error, bucket, `PUT ${key}`);
          const pauseMs = pauseBefore(failure, attempt);
          if (isPassing(failure)) {
            log.warn('bucket request failed', describe(error, { bucket, key, attempt, maxAttempts }));
          }
          if (attempt >= maxAttempts || pauseMs === undefined) throw failure;
          await sleep(pauseMs);
        }
      }
    },
    async delete(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })).catch((error) => {
        throw toStorageError(error, bucket, `DELETE ${key}`);
      });
    },
  };
}

function isPassing(failure: unknown): boolean {
  return failure instanceof ThrottledError || failure instanceof TransientError;
}

/** In ms, with full jitter; `undefined` when another try cannot help, or must not come that soon. */
function pauseBefore(failure: unknown, attempt: number): number | undefined {
  if (!isPassing(failure)) return undefined;
  const isThrottled = failure instanceof ThrottledError;
  const asked = isThrottled ? (failure.retryAfterSeconds ?? 0) : 0;
  if (asked > MAX_ASKED_SECONDS) return undefined;
  const backoff = Math.min(MAX_PAUSE_MS, (isThrottled ? THROTTLED_PAUSE_MS : PAUSE_MS) * 2 ** (attempt - 1));
  return asked * 1000 + Math.random() * backoff;
}

function describe(error: unknown, request: Record<string, unknown>): Record<string, unknown> {
  const name = isSdkError(error) ? error.name : undefined;
  return { command: 'PutObject', ...request, error: name, status: statusOf(error), reason: messageOf(error) };
}
