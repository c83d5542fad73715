import { onTestFinished } from 'vitest';
import type { Log } from '../../../../lambdas/shared/log.ts';
import { createImageBucket, type ImageBucketOptions } from '../../../../lambdas/shared/storage/image-bucket.ts';
import type { ImageBucket, RunBucket } from '../../../../lambdas/shared/storage/object-store.ts';
import { createRunBucket } from '../../../../lambdas/shared/storage/run-bucket.ts';
import { createS3Client } from '../../../../lambdas/shared/storage/s3-client.ts';
import type { StandIn } from '../../../../local/stand-in/http-stand-in.ts';
import { BUCKET, credentials } from '../../../local/s3/s3-fixture.ts';

export interface LoggedLine {
  readonly message: string;
  readonly fields: Record<string, unknown> | undefined;
}

/** A log that keeps its lines. */
export function keepLog(): Log & { lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const keep = (message: string, fields?: Record<string, unknown>) => {
    lines.push({ message, fields });
  };
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}

export function imageBucket(s3: StandIn, options: Partial<ImageBucketOptions> = {}): ImageBucket {
  return createImageBucket({
    endpoint: s3.url,
    bucket: BUCKET,
    ...credentials,
    maxSockets: 4,
    log: keepLog(),
    ...options,
  });
}

export function runBucket(s3: StandIn, options: { log?: Log; bucket?: string } = {}): RunBucket {
  const log = options.log ?? keepLog();
  const client = createS3Client({ endpoint: s3.url, region: 'us-east-1', credentials, maxSockets: 4, log });
  onTestFinished(() => client.destroy());
  return createRunBucket({ bucket: options.bucket ?? 'runs', log, client });
}
