import { createHash } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { TransientError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ImageBucket } from './object-store.ts';
import { createS3Client } from './s3-client.ts';
import { toStorageError } from './storage-error.ts';

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
  readonly log: Log;
}

/** The bucket of the images. A PUT whose answer was lost is sent again: same key, same bytes. */
export function createImageBucket(options: ImageBucketOptions): ImageBucket {
  const {
    endpoint,
    region = 'auto',
    bucket: Bucket,
    accessKeyId,
    secretAccessKey,
    maxSockets,
    maxAttempts,
    log,
  } = options;
  const credentials = { accessKeyId, secretAccessKey };
  const client = createS3Client({
    endpoint,
    region,
    credentials,
    maxSockets,
    maxAttempts,
    log,
    // R2 knows only some of the checksums that the SDK would add by itself.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });

  return {
    async put({ key, body, contentType, sha256 }) {
      const md5 = createHash('md5').update(body).digest();
      const command = new PutObjectCommand({
        Bucket,
        Key: key,
        Body: body,
        ContentType: contentType,
        ContentMD5: md5.toString('base64'),
        Metadata: { sha256 },
      });
      const { ETag } = await client.send(command).catch((error) => {
        throw toStorageError(error, Bucket, `PUT ${key}`);
      });
      const stored = /^"?([0-9a-f]{32})"?$/.exec(ETag ?? '')?.[1]; // an encrypted bucket's ETag is no MD5
      if (stored !== undefined && stored !== md5.toString('hex')) {
        throw new TransientError(`bucket "${Bucket}": ${key} was stored with other bytes than were sent`);
      }
    },
    async delete(key) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: key })).catch((error) => {
        throw toStorageError(error, Bucket, `DELETE ${key}`);
      });
    },
  };
}
